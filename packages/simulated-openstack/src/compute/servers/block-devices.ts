/** Disks a new server is asked to have. @see openstack/nova:nova/block_device.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { isTrue } from '@cascade/openstack-protocol/compute/parameter-types.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from '../cloud.js';
import type { Flavor } from '../flavors/flavors.js';

export interface Device {
  readonly source: 'volume' | 'image' | 'snapshot' | 'blank';
  readonly isVolume: boolean;
  /** Of the source; undefined for a blank one. */
  readonly sourceId: string | undefined;
  /** GiB; of the source where it is not said. */
  readonly size: number | undefined;
  readonly bootIndex: number | undefined;
  readonly deleteOnTermination: boolean;
  readonly tag: string | null;
  readonly volumeType: string | undefined;
  /** Which a swap disk has. */
  readonly format: string | undefined;
}

type Given = Readonly<Record<string, unknown>>;

/** @throws Fault 400 */
export function devicesIn(cloud: Cloud, asked: Asked, server: Given): Device[] {
  const old = server['block_device_mapping'] as Given[] | undefined;
  const given = (server['block_device_mapping_v2'] as Given[] | undefined) ?? [];
  if (old && given.length > 0) {
    throw new Fault('bad-request', 'Using different block_device_mapping syntaxes is not allowed in the same request.');
  }
  const hasImage = Boolean(server['imageRef']);
  const devices = old
    ? old.map(legacyDevice)
    : given.filter((one) => !one['no_device']).map((one) => device(one, hasImage));
  for (const one of devices) check(cloud, asked, one);
  if (devices.filter(({ bootIndex }) => bootIndex === 0).length > 1)
    throw invalid('Boot sequence for the instance and image/block device mapping combination is not valid.');
  return devices;
}

const invalid = (words: string): Fault => new Fault('bad-request', `Block Device Mapping is Invalid: ${words}`);

/** @see openstack/nova:nova/block_device.py BlockDeviceDict.from_api */
function device(given: Given, hasImage: boolean): Device {
  checkSource(given, hasImage);
  const source = given['source_type'] as Device['source'];
  const destination = given['destination_type'] ?? (source === 'volume' || source === 'snapshot' ? 'volume' : 'local');
  const sourceId = given['uuid'] === undefined ? undefined : String(given['uuid']);
  const bootIndex = given['boot_index'];
  return {
    source,
    isVolume: destination === 'volume',
    sourceId,
    size: given['volume_size'] ? Number(given['volume_size']) : undefined,
    bootIndex: bootIndex === undefined || bootIndex === null ? undefined : Number(bootIndex),
    deleteOnTermination:
      given['delete_on_termination'] === undefined ? destination === 'local' : isTrue(given['delete_on_termination']),
    tag: (given['tag'] as string | undefined) ?? null,
    volumeType: (given['volume_type'] as string | null | undefined) ?? undefined,
    format: given['guest_format'] as string | undefined,
  };
}

/** @throws Fault 400 */
function checkSource(given: Given, hasImage: boolean): void {
  const { source_type: source, destination_type: destination, uuid, volume_type: type, boot_index: index } = given;
  if (source === 'blank' && uuid) throw invalid('Invalid device UUID.');
  if (source !== 'blank' && !uuid) throw invalid('Missing device UUID.');
  const isRoot = hasImage && index !== undefined && index !== null && Number(index) === 0;
  if (source === 'image' && destination === 'local' && !isRoot) {
    throw invalid('Mapping image to local is not supported.');
  }
  if (destination === 'local' && type) {
    throw invalid('Specifying a volume_type with destination_type=local is not supported.');
  }
  if (source === 'volume' && type) throw invalid('Specifying volume type to existing volume is not supported.');
}

/** Blank local disks come out of what the flavor has for them. @throws Fault 400 */
export function requireEphemeral(devices: readonly Device[], { ephemeral, swap }: Flavor): void {
  const blank = devices.filter(({ source, isVolume }) => source === 'blank' && !isVolume);
  const swaps = blank.filter(({ format }) => format === 'swap');
  const disks = blank.filter(({ format }) => format !== 'swap');
  if (disks.reduce((sum, { size }) => sum + (size ?? ephemeral), 0) > ephemeral) {
    throw new Fault(
      'bad-request',
      'Ephemeral disks requested are larger than the instance type allows. If no size is given in one block device mapping, flavor ephemeral size will be used.',
    );
  }
  if (swaps.length > 1) throw invalid('More than one swap drive requested.');
  if ((swaps[0]?.size ?? 0) > swap) {
    throw new Fault('bad-request', 'Swap drive requested is larger than instance type allows.');
  }
}

/** `{volume_id}` or `{snapshot_id}`; the first device name of a disk boots. */
function legacyDevice(given: Given): Device {
  const snapshot = given['snapshot_id'] as string | undefined;
  return {
    source: snapshot ? 'snapshot' : 'volume',
    isVolume: true,
    sourceId: snapshot ?? (given['volume_id'] as string | undefined),
    size: given['volume_size'] ? Number(given['volume_size']) : undefined,
    bootIndex: /^(\/dev\/)?[a-z]*da$/.test(String(given['device_name'] ?? '')) ? 0 : undefined,
    deleteOnTermination: isTrue(given['delete_on_termination'] ?? false),
    tag: null,
    volumeType: undefined,
    format: undefined,
  };
}

function check(cloud: Cloud, asked: Asked, { source, isVolume, sourceId = '', size, bootIndex }: Device): void {
  if (source === 'volume') {
    const volume = cloud.volumes.find(sourceId);
    const isTheirs = volume && (asked.caller.isAdmin || volume.projectId === asked.caller.projectId);
    if (!isTheirs) throw invalid(`failed to get volume ${sourceId}.`);
    if (bootIndex === 0 && !volume.bootable) {
      throw new Fault('bad-request', `Block Device ${sourceId} is not bootable.`);
    }
  }
  if (source === 'image' && !cloud.images.usableBy(asked.caller, sourceId))
    throw invalid(`failed to get image ${sourceId}.`);
  if (source === 'image' && isVolume && size === undefined) {
    throw new Fault('bad-request', "Images with destination_type 'volume' need to have a non-zero size specified");
  }
  if (source === 'blank' && isVolume && size === undefined) {
    throw new Fault('bad-request', "Blank volumes (source: 'blank', dest: 'volume') need to have non-zero size");
  }
}
