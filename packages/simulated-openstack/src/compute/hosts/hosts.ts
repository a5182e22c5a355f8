/** Hosts of a cloud: how big they are, what is used of them, and which take new servers. */
import { Fault, type FaultKind } from '@cascade/openstack-protocol/faults.js';
import { namesIn, rowsIn, type Parts } from '../../state/part.js';
import type { Flavor, Flavors } from '../flavors/flavors.js';
import type { Server } from '../servers/server.js';
import type { Servers } from '../servers/servers.js';

/** Each host is as big as the next. Memory in MiB, disk in GiB. */
export const hostSize = { vcpus: 64, ram: 2 * 1024 * 1024, disk: 32_000 } as const;
/** Virtual cores for each real one. @see nova.conf cpu_allocation_ratio */
export const cpuRatio = 16;
const serversAHost = 200;

export interface Usage {
  servers: number;
  vcpus: number;
  ram: number;
  disk: number;
}

/** Enough for the servers a cloud begins with, and for as many again; two at least, so that servers can be moved. */
export const hostNames = (cloud: string, servers: number): string[] =>
  Array.from(
    { length: Math.max(2, Math.ceil(servers / serversAHost)) },
    (_, at) => `${cloud}-compute-${String(at + 1).padStart(2, '0')}`,
  );

export class Hosts {
  private known: Map<string, Usage> | undefined;
  private readonly disabled = new Map<string, string | null>();
  private readonly forcedDown = new Set<string>();

  constructor(
    readonly names: readonly string[],
    private readonly servers: Servers,
    private readonly flavors: Flavors,
  ) {
    servers.watch((before, after) => {
      if (before) this.count(before, -1);
      this.count(after, 1);
    });
  }

  has(name: string): boolean {
    return this.names.includes(name);
  }

  /** @throws Fault 404, or what is asked for */
  require(name: string, kind: FaultKind = 'not-found'): void {
    if (!this.has(name)) throw new Fault(kind, `Compute host ${name} could not be found.`);
  }

  usage(name: string): Usage {
    return this.all().get(name)!;
  }

  isEnabled(name: string): boolean {
    return !this.disabled.has(name);
  }

  disabledReason(name: string): string | null {
    return this.disabled.get(name) ?? null;
  }

  isUp(name: string): boolean {
    return !this.forcedDown.has(name);
  }

  isForcedDown(name: string): boolean {
    return this.forcedDown.has(name);
  }

  enable(name: string): void {
    this.disabled.delete(name);
  }

  disable(name: string, reason: string | null): void {
    this.disabled.set(name, reason);
  }

  forceDown(name: string, down: boolean): void {
    if (down) this.forcedDown.add(name);
    else this.forcedDown.delete(name);
  }

  parts(): Parts {
    return { 'disabled host': rowsIn(this.disabled), 'host forced down': namesIn(this.forcedDown) };
  }

  /** `host_status` of a server. */
  statusOf(name: string): string {
    if (!this.isUp(name)) return 'DOWN';
    return this.isEnabled(name) ? 'UP' : 'MAINTENANCE';
  }

  /** Where an operator would reach it. */
  addressOf(name: string): string {
    const at = this.names.indexOf(name) + 1;
    return `172.16.${at >> 8}.${at & 255}`;
  }

  /** The host with the most memory left that takes new servers and has room; undefined where there is none. */
  withRoomFor(flavor: Flavor, isAllowed: (name: string) => boolean = () => true): string | undefined {
    let best: string | undefined;
    let most = flavor.ram - 1;
    for (const name of this.names) {
      if (!this.isEnabled(name) || !this.isUp(name) || !isAllowed(name)) continue;
      const { vcpus, ram, disk } = this.usage(name);
      const free = hostSize.ram - ram;
      const fits = vcpus + flavor.vcpus <= hostSize.vcpus * cpuRatio && disk + flavor.disk <= hostSize.disk;
      if (fits && free > most) [best, most] = [name, free];
    }
    return best;
  }

  /** Where a server may be moved to. */
  otherThan(name: string | null): string | undefined {
    return this.names.find((one) => one !== name && this.isEnabled(one) && this.isUp(one));
  }

  private all(): Map<string, Usage> {
    if (this.known) return this.known;
    this.known = new Map(this.names.map((name) => [name, { servers: 0, vcpus: 0, ram: 0, disk: 0 }]));
    for (const server of this.servers.newestFirst()) this.count(server, 1);
    return this.known;
  }

  // Before the first who asks nothing is counted: then everything is.
  private count(server: Server, sign: 1 | -1): void {
    const usage = server.deletedAt === null && server.host !== null ? this.known?.get(server.host) : undefined;
    if (!usage) return;
    const { vcpus, ram, disk } = this.flavors.ever(server.flavorId);
    usage.servers += sign;
    usage.vcpus += sign * vcpus;
    usage.ram += sign * ram;
    if (server.imageId !== '') usage.disk += sign * disk;
  }
}
