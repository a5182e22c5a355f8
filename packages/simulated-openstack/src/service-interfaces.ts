/** What a cloud's Nova needs of the cloud's other services. Each of them throws a Fault in the words Nova then answers with. */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { Clock } from './clock.js';
import type { ReleaseName } from './releases.js';

/** What each service of a cloud is made from. */
export interface CloudFacts {
  readonly clock: Clock;
  readonly seed: number;
  /** The cloud's name, which is its availability zone too. */
  readonly name: string;
  readonly releaseName: ReleaseName;
}

export interface PlugRequest {
  readonly projectId: string;
  readonly deviceId: string;
  /** One of both. With a network a port is made that `unplug` deletes; a port that was there is only released. */
  readonly networkId?: string;
  readonly portId?: string;
  /** Names or ids, for a port that is made; none is the project's default group. */
  readonly securityGroups?: readonly string[];
  readonly fixedIp?: string;
  /** Tag of the device, shown to the guest only. */
  readonly tag?: string;
  /** True for a server that is there already, for which Nova says otherwise that a port is not. */
  readonly isAttached?: true;
}

export interface PortAddress {
  readonly address: string;
  readonly version: 4 | 6;
  readonly subnetId: string;
  /** Floating addresses that lead to a fixed one stand behind it. */
  readonly type: 'fixed' | 'floating';
}

export interface PluggedPort {
  readonly portId: string;
  readonly mac: string;
  readonly networkId: string;
  readonly networkName: string;
  /** Neutron's status: ACTIVE, DOWN … */
  readonly status: string;
  readonly addresses: readonly PortAddress[];
  readonly securityGroups: readonly { readonly id: string; readonly name: string }[];
}

/** A security group as Neutron shows it. */
export interface GroupBody {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly project_id: string;
  readonly security_group_rules: readonly Readonly<Record<string, unknown>>[];
}

/** Neutron, as Nova uses it. */
export interface NovaNetworks {
  /** @throws Fault 400 for a network, port or group that is not there, 409 for a port or an address in use */
  plug(request: PlugRequest): PluggedPort;
  /** @throws Fault 404 */
  unplug(portId: string): void;
  unplugDevice(deviceId: string): void;
  /** In the order in which they were plugged. */
  portsOf(deviceId: string): readonly PluggedPort[];
  hasPort(portId: string): boolean;
  /** Networks a project's server may be given when it names none: its own and shared ones, without external ones. */
  usableFor(projectId: string): readonly { readonly id: string; readonly name: string }[];
  /** Groups of all ports of a device. */
  groupsOf(deviceId: string): readonly GroupBody[];
  /** True for a group that the project has, by name or id. */
  hasGroup(projectId: string, group: string): boolean;
  /** Adds a group, by name or id, to all ports of a device. @throws Fault 404 */
  join(deviceId: string, projectId: string, group: string): void;
  /** @throws Fault 404 for a group that is not there or that no port has */
  leave(deviceId: string, projectId: string, group: string): void;
}

export interface NovaVolume {
  readonly id: string;
  readonly projectId: string;
  readonly name: string;
  /** Cinder's word: available, in-use, creating … */
  readonly status: string;
  /** GiB. */
  readonly size: number;
  readonly bootable: boolean;
  readonly multiattach: boolean;
}

export interface NewVolume {
  readonly projectId: string;
  readonly userId: string;
  readonly name: string;
  /** GiB. */
  readonly size: number;
  readonly imageId?: string;
  readonly snapshotId?: string;
  readonly volumeType?: string;
}

export interface Attachment {
  readonly serverId: string;
  /** `/dev/vdb` */
  readonly device: string;
  readonly attachmentId: string;
}

/** Cinder, as Nova uses it. */
export interface NovaVolumes {
  find(id: string): NovaVolume | undefined;
  /** Makes a volume `attaching` (or leaves one that may be attached several times as it is). @throws Fault 400 in any other state but available */
  reserve(id: string): void;
  /** Makes it `in-use`. Called for reserved volumes, and for new ones whatever their state. */
  attach(id: string, attachment: Attachment): void;
  /** Makes it `available` where nothing else holds it. Nothing happens to a volume that is gone or not attached there. */
  detach(id: string, serverId: string): void;
  /** Volume of a server that boots from it. @throws Fault 400, 403 over quota */
  createFor(wanted: NewVolume): NovaVolume;
  remove(id: string): void;
}

export interface NovaImage {
  readonly id: string;
  readonly name: string;
  /** Glance's word: queued, saving, active … */
  readonly status: string;
  /** GiB. */
  readonly minDisk: number;
  /** MiB. */
  readonly minRam: number;
  readonly properties: Readonly<Record<string, string>>;
}

export interface NewSnapshot {
  readonly name: string;
  readonly projectId: string;
  readonly userId: string;
  readonly serverId: string;
  /** '' for a server that boots from a volume. */
  readonly baseImageId: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Glance, as Nova uses it. */
export interface NovaImages {
  /** Ids of the public images a fresh cloud has; at least one, the same for the same seed and name. */
  readonly initialIds: readonly string[];
  find(id: string): NovaImage | undefined;
  usableBy(caller: Caller, id: string): NovaImage | undefined;
  /** An image that is `queued` now and `active` after the task 'server snapshot'. @returns its id. @throws Fault 403 */
  addSnapshot(wanted: NewSnapshot): string;
}
