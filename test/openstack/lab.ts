/** The lab that runs: its sites, and its own command. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CloudClient } from './cloud-client.js';

interface LabSite {
  readonly name: string;
  readonly region: string;
  readonly auth: { readonly auth_url: string };
  /** By the service's type in the catalog. */
  readonly endpoints: Readonly<Record<string, string>>;
}
export type Roots = Readonly<Record<'compute' | 'volume' | 'network' | 'image' | 'placement', string>>;

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const labDir = process.env['LAB_DIR'] ?? '/var/tmp/cascade-lab';
export const lab = JSON.parse(readFileSync(join(labDir, 'lab.json'), 'utf8')) as { sites: LabSite[] };
export const authUrl = lab.sites[0]?.auth.auth_url ?? '';
/** Root of each service of a site, version included. Cinder of Zed and later takes paths without a project, too. */
export function rootsOf({ name, endpoints }: LabSite): Roots {
  const at = (type: string): string => {
    const url = endpoints[type];
    if (!url) throw new Error(`${name} has no ${type}`);
    return url;
  };
  return {
    compute: at('compute'),
    volume: at('volumev3').replace(/\/%\(\w+\)s$/, ''),
    network: `${at('network')}/v2.0`,
    image: `${at('image')}/v2`,
    placement: at('placement'),
  };
}
export const rootsOfCascade = (base: string): Roots => ({
  compute: `${base}/compute/v2.1`,
  volume: `${base}/volume/v3`,
  network: `${base}/network/v2.0`,
  image: `${base}/image/v2`,
  placement: `${base}/placement`,
});

/** The sites themselves, in the order of their names: what the cascade says is compared with what they say. */
export const sites = lab.sites.map((site) => new CloudClient(authUrl, rootsOf(site)));
export const siteNames = lab.sites.map((site) => site.name) as [string, string];

/** `freeze 2`, `thaw 2`, `kill 2`, `start 2`. */
export const labCommand = (...words: string[]): void =>
  void execFileSync(join(root, 'lab/openstack/lab.sh'), words, { stdio: 'ignore' });
