/** The default policies of Zed, of 2026.1 and of 2026.2, as `extract.py` reads them from the services. */
import { readFileSync } from 'node:fs';
import type { Persona } from '@cascade/openstack-protocol/server/route.js';

export type Role = Persona | 'nobody';
export const services = ['compute', 'volume', 'network', 'image', 'placement'] as const;
export type Service = (typeof services)[number];
/** Method, path, rule, the weakest role that may, and whether that of services may by itself. */
export type PolicyRow = readonly [method: string, path: string, rule: string, role: Role, service?: 'service'];

/** The oldest first. */
export const releases = ['zed', '2026.1', '2026.2'].map(
  (name) => JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8')) as Record<Service, PolicyRow[]>,
);

const ranks: readonly Role[] = ['reader', 'member', 'manager', 'admin', 'nobody'];
/** What is another service's to ask, an administrator may ask, too. */
export const rank = (role: Role): number =>
  ranks.indexOf(role === 'service' ? 'admin' : role === 'member or service' ? 'member' : role);

export const ranked = (rows: readonly PolicyRow[]): [rank: number, row: PolicyRow][] =>
  rows.map((row) => [rank(row[3]), row]);

/** `GET /servers/{}`: without names, versions, and what the reference says about a body behind the path. */
export const shapeOf = (method: string, path: string): string =>
  `${method} ${path
    .replace(/ .*$/, '')
    .replace(/\?.*$/, '')
    .replace(/^\/v\d(\.\d)?(?=\/)/, '')
    .replace(/\{[^}]*\}/g, '{}')
    .replace(/\/$/, '')}`;

/** Rules about a field of the body or of the answer, which the service looks at after the operation's own. */
export const isOfField = (rule: string): boolean =>
  /^(create|update)_\w+:|:show:flavor-extra-specs$|os-flavor-extra-specs:index$|^volume_extension:volume_type_access$/.test(
    rule,
  );
