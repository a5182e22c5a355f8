/** Neighbours of a Nova under test: as little as it needs, in memory. */
import { randomUUID } from 'node:crypto';
import { Fault } from '../../../openstack/faults.js';
import type { Neighbours } from '../cloud.js';
import type { NovaImages, NovaNetworks, NovaVolume, NovaVolumes, PluggedPort } from '../neighbours.js';

export class FakeNetworks implements NovaNetworks {
  readonly ports = new Map<string, PluggedPort & { deviceId: string }>();
  networks = [{ id: randomUUID(), name: 'private' }];
  plug({ deviceId, networkId, portId = randomUUID(), securityGroups = [] }: Parameters<NovaNetworks['plug']>[0]) {
    const network = this.networks.find(({ id }) => id === networkId) ?? this.networks[0]!;
    if (networkId && network.id !== networkId)
      throw new Fault('bad-request', `Network ${networkId} could not be found.`);
    const port = {
      deviceId, portId, mac: 'fa:16:3e:00:00:01', networkId: network.id, networkName: network.name, status: 'ACTIVE',
      addresses: [{ address: `192.168.0.${this.ports.size + 2}`, version: 4, subnetId: randomUUID(), type: 'fixed' }],
      securityGroups: (securityGroups.length ? securityGroups : ['default']).map((name) => ({ id: randomUUID(), name })),
    } as const; // prettier-ignore
    this.ports.set(portId, port);
    return port;
  }
  unplug(portId: string) {
    this.ports.delete(portId);
  }
  unplugDevice(deviceId: string) {
    for (const port of this.portsOf(deviceId)) this.ports.delete(port.portId);
  }
  portsOf(deviceId: string) {
    return [...this.ports.values()].filter((port) => port.deviceId === deviceId);
  }
  usableFor() {
    return this.networks;
  }
  groupsOf() {
    return [];
  }
  join() {}
  leave() {}
}
export class FakeVolumes implements NovaVolumes {
  readonly rows = new Map<string, NovaVolume>();
  find(id: string) {
    return this.rows.get(id);
  }
  reserve() {}
  attach() {}
  detach() {}
  createFor(w: Parameters<NovaVolumes['createFor']>[0]) {
    const v = {
      id: randomUUID(),
      projectId: w.projectId,
      name: w.name,
      status: 'available',
      size: w.size,
      bootable: true,
      multiattach: false,
    };
    this.rows.set(v.id, v);
    return v;
  }
  remove(id: string) {
    this.rows.delete(id);
  }
}
export class FakeImages implements NovaImages {
  readonly initialIds = [randomUUID()];
  find(id: string) {
    return this.initialIds.includes(id)
      ? { id, name: 'cirros', status: 'active', minDisk: 0, minRam: 0, properties: {} }
      : undefined;
  }
  usableBy(_c: unknown, id: string) {
    return this.find(id);
  }
  addSnapshot() {
    return randomUUID();
  }
}
export const fakes: Neighbours<FakeNetworks, FakeVolumes, FakeImages> = {
  networks: () => new FakeNetworks(),
  volumes: () => new FakeVolumes(),
  images: () => new FakeImages(),
};
