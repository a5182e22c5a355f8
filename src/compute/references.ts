/** What Nova's bodies name. @see ../../docs/architecture.md, linking */
import { refs, type Reference } from '../resources/references.js';

const bySourceType = (device: Record<string, unknown>): string | undefined =>
  ({ volume: 'volume', image: 'image', snapshot: 'snapshot' })[String(device['source_type'])];

const hints = ['os:scheduler_hints', 'OS-SCH-HNT:scheduler_hints'];

export const serverReferences: readonly Reference[] = [
  ...refs('image', 'server.imageRef'),
  ...refs('flavor', 'server.flavorRef'),
  ...refs('keypair', 'server.key_name'),
  ...refs('network', 'server.networks[].uuid'),
  ...refs('port', 'server.networks[].port'),
  ...refs(bySourceType, 'server.block_device_mapping_v2[].uuid'),
  // Both forms of a device may name its source by one field alone.
  // @see openstack/nova:nova/api/openstack/compute/schemas/servers.py block_device_mapping_v2
  ...refs('volume', 'server.block_device_mapping[].volume_id', 'server.block_device_mapping_v2[].volume_id'),
  ...refs('snapshot', 'server.block_device_mapping[].snapshot_id', 'server.block_device_mapping_v2[].snapshot_id'),
  ...refs('image', 'server.block_device_mapping_v2[].image_id'),
  ...refs('named_security_group', 'server.security_groups[].name'),
  ...refs('volume_type', 'server.block_device_mapping_v2[].volume_type'),
  // A server in another site is on another host than all of this one's, so `different_host` pins nothing.
  ...hints.flatMap((hint) => [
    ...refs('server_group', `${hint}.group`, `server.${hint}.group`),
    ...refs('server', `${hint}.same_host`, `${hint}.same_host[]`),
  ]),
];

export const rebuildReferences: readonly Reference[] = [
  ...refs('image', 'rebuild.imageRef'),
  ...refs('keypair', 'rebuild.key_name'),
];

export const actionReferences: readonly Reference[] = [
  ...rebuildReferences,
  ...refs('image', 'rescue.rescue_image_ref'),
  ...refs('flavor', 'resize.flavorRef'),
  ...refs('network', 'addFixedIp.networkId'),
  ...refs('named_security_group', 'addSecurityGroup.name', 'removeSecurityGroup.name'),
];

export const interfaceReferences: readonly Reference[] = [
  ...refs('port', 'interfaceAttachment.port_id'),
  ...refs('network', 'interfaceAttachment.net_id'),
];

export const attachmentReferences: readonly Reference[] = refs('volume', 'volumeAttachment.volumeId');
