/** A stored resource as Neutron shows it to one caller. */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { bodyOfRow, type Row } from '../resources/inventory.js';
import type { Body } from '../resources/kind.js';
import { withoutHiddenRules } from './homed-items.js';
import type { Visibility } from './visibility.js';

/** Attributes whose `get_<resource>:<attribute>` rule is admin_only. @see openstack/neutron:neutron/conf/policies */
const adminOnly: Readonly<Record<string, readonly string[]>> = {
  network: ['provider:network_type', 'provider:physical_network', 'provider:segmentation_id', 'segments'],
  subnet: ['segment_id'],
  port: [
    'binding:vif_type',
    'binding:vif_details',
    'binding:host_id',
    'binding:profile',
    'resource_request',
    'hints',
    'trusted',
  ],
  router: ['distributed', 'ha'],
};

/** @param fields names of the attributes to show; all where it is empty */
export function viewOf(row: Row, caller: Caller, visibility: Visibility, fields: readonly string[]): Body {
  const body = withoutHiddenRules(bodyOfRow(row));
  if (!caller.isAdmin) {
    for (const name of adminOnly[row.kind] ?? []) delete body[name];
    if (visibility.grants?.shared.has(row.id) && 'shared' in body) body['shared'] = true;
  }
  // Both names of the owner, whichever the site gave.
  const owner = body['project_id'] ?? body['tenant_id'];
  if (owner !== undefined) Object.assign(body, { project_id: owner, tenant_id: owner });
  if (fields.length === 0) return body;
  return Object.fromEntries(Object.entries(body).filter(([name]) => fields.includes(name)));
}
