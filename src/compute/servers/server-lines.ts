/** How a server is kept: its fields in lines, one for each way in which lists treat them. */
import type { Body } from '../../resources/kind.js';
import { inLines } from '../../resources/lines.js';

const others = 4;

/**
 * The lines' fields; all that is named nowhere stands in line `others`. What views show together stands together, so that
 * most of a body is one piece. Rows in other lines than these, from before a change of this table, are parsed instead: their
 * number of lines tells, so a change that keeps the number is not seen. Parsing costs eight times as much: a migration has the servers read anew.
 */
export const serverLines: readonly (readonly string[])[] = [
  ['id', 'tenant_id', 'created'], // all that is shown while the site is silent
  ['image'],
  ['flavor'],
  ['os-extended-volumes:volumes_attached'],
  [],
  ['locked'],
  ['description'],
  ['tags'],
  ['trusted_image_certificates'],
  ['locked_reason'],
  ['OS-EXT-SRV-ATTR:hostname'],
  ['host_status'],
  ['OS-EXT-SRV-ATTR:host', 'OS-EXT-SRV-ATTR:instance_name', 'OS-EXT-SRV-ATTR:hypervisor_hostname'],
  [
    'OS-EXT-SRV-ATTR:reservation_id',
    'OS-EXT-SRV-ATTR:launch_index',
    'OS-EXT-SRV-ATTR:kernel_id',
    'OS-EXT-SRV-ATTR:ramdisk_id',
    'OS-EXT-SRV-ATTR:root_device_name',
    'OS-EXT-SRV-ATTR:user_data',
  ],
  ['server_groups'],
  ['OS-EXT-AZ:availability_zone'],
  ['pinned_availability_zone'],
  ['scheduler_hints'],
];

const known = new Map(serverLines.flatMap((fields, line) => fields.map((field) => [field, line])));
// An attribute that Nova has added since is the administrator's, as all of them are.
const attributes = known.get('OS-EXT-SRV-ATTR:host')!;
const lineOf = (field: string): number =>
  known.get(field) ?? (field.startsWith('OS-EXT-SRV-ATTR:') ? attributes : others);

/** What sites older than the fields do not tell of a server, which is kept in the newest form whatever its site's release. */
const untold: Body = { tags: [], trusted_image_certificates: null, locked_reason: null, scheduler_hints: {} };

/** A create tells less than a whole server, and is kept as it is. */
export const wholly = (body: Body): Body => ('flavor' in body ? { ...untold, ...body } : body);

/** A server's text in the inventory. Links are the site's and not kept: views write the cascade's own. */
export function serverText({ links: _, ...told }: Body): string {
  const body = wholly(told);
  const { id, properties } = (body['image'] ?? {}) as Body;
  return inLines(id === undefined ? body : { ...body, image: { id, properties } }, lineOf, serverLines.length);
}
