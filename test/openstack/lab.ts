/** The lab that runs: its sites, and its own command. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CloudClient } from './cloud-client.js';

interface Lab {
  sites: { name: string; region: string; auth: { auth_url: string }; endpoints: Record<string, string> }[];
}

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const labDir = process.env['LAB_DIR'] ?? '/var/tmp/cascade-lab';
export const lab = JSON.parse(readFileSync(join(labDir, 'lab.json'), 'utf8')) as Lab;
export const authUrl = lab.sites[0]?.auth.auth_url ?? '';
/** The sites themselves, in the order of their names: what the cascade says is compared with what they say. */
export const sites = lab.sites.map(
  ({ endpoints }) =>
    new CloudClient(authUrl, { compute: endpoints['compute'] ?? '', image: `${endpoints['image'] ?? ''}/v2` }),
);
export const siteNames = lab.sites.map((site) => site.name) as [string, string];

/** `freeze 2`, `thaw 2`, `kill 2`, `start 2`. */
export const labCommand = (...words: string[]): void =>
  void execFileSync(join(root, 'lab/openstack/lab.sh'), words, { stdio: 'ignore' });
