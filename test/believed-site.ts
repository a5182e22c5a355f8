/** What a cascade believes of a site, whatever the site itself would say: it is not looked at until the belief ends. */
import { vi } from 'vitest';
import type { SiteCapabilities } from '../src/sites/site.js';
import type { SimulatedCascade } from './simulated-cascade.js';

type Changes = Partial<SiteCapabilities>;

/** @returns what brings back what is known of it */
export async function believe(
  { cascade }: SimulatedCascade,
  name: string,
  changes: Changes,
): Promise<() => Promise<void>> {
  const { sites, database } = cascade.world;
  const { id, capabilities: known } = sites.byName(name)!;
  const looks = vi.spyOn(sites, 'rediscover').mockResolvedValue(undefined);
  const write = async (capabilities: SiteCapabilities): Promise<void> => {
    await database.run('update site set capabilities = $2 where id = $1', [id, JSON.stringify(capabilities)]);
    await sites.load();
  };
  await write({ ...known, ...changes, microversions: { ...known.microversions, ...changes.microversions } });
  return async () => {
    await write(known);
    looks.mockRestore();
  };
}
