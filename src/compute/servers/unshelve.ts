/**
 * `unshelve` into a zone (2.77) or onto a host (2.91). A server stays in its site: that site's zones and its name as a host
 * mean where it is, and the site, which knows neither, is not told of them.
 * @see openstack/nova:nova/api/openstack/compute/shelve.py _unshelve
 */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { ownerOf } from '../../routing/owner.js';
import { kindNamed, type World } from '../../routing/world.js';
import { zoneNamed } from '../../routing/zones.js';
import type { Site } from '../../sites/site.js';

/** Any other action goes on as it is. */
export const unshelveHereOr =
  (world: World, otherwise: Answer): Answer =>
  async (asked) => {
    const raw = await asked.readBody();
    const body = tryJson(raw);
    const wanted =
      isObject(body) && Object.keys(body).length === 1 && isObject(body['unshelve']) ? body['unshelve'] : undefined;
    const goesOn = (bytes: Buffer) => otherwise({ ...asked, readBody: () => Promise.resolve(bytes) });
    // What names nothing is the site's to refuse, or to take.
    if (!wanted || Object.keys(wanted).length === 0 || !atLeast(asked.microversion, '2.77')) return goesOn(raw);
    const owner = await ownerOf(world, asked, kindNamed(world, 'server'), asked.params['server_id'] ?? '');
    if (!owner) return goesOn(raw);
    await takeZone(world, asked, wanted, owner.site);
    takeHost(world, asked, wanted, owner.site);
    // Nova's schema takes nothing for an unshelve that names neither.
    const left = Object.keys(wanted).length > 0 ? wanted : null;
    return goesOn(Buffer.from(JSON.stringify({ unshelve: left })));
  };

/** @throws Fault 400 */
async function takeZone(world: World, asked: Asked, wanted: Record<string, unknown>, site: Site): Promise<void> {
  const zone = wanted['availability_zone'];
  if (typeof zone !== 'string' || zone === '') return;
  const { siteIds } = await zoneNamed(world, asked.service, zone);
  if (!siteIds.includes(site.id)) throw elsewhere(asked, site, `availability zone ${zone}`);
  delete wanted['availability_zone'];
}

/** @throws Fault 400 or 403 */
function takeHost(world: World, asked: Asked, wanted: Record<string, unknown>, site: Site): void {
  const named = typeof wanted['host'] === 'string' ? world.sites.byName(wanted['host']) : undefined;
  if (!named || !atLeast(asked.microversion, '2.91')) return;
  if (!asked.caller.isAdmin) {
    throw new Fault('forbidden', "Policy doesn't allow os_compute_api:os-shelve:unshelve_to_host to be performed.");
  }
  if (named.id !== site.id) throw elsewhere(asked, site, `host ${named.name}`);
  delete wanted['host'];
}

const elsewhere = (asked: Asked, site: Site, where: string): Fault =>
  new Fault(
    'bad-request',
    `Server ${asked.params['server_id']} is in availability zone ${site.name} and cannot be unshelved in ${where}.`,
  );
