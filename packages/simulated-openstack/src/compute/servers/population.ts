/**
 * The servers a cloud begins with. They are computed, not stored: a million of them cost no memory until somebody touches
 * one. Number 0 is the youngest; each is a minute older than the one before, so the numbers are Nova's default order.
 */
import { noise, numberOf, share } from '../../noise.js';
import type { Server } from './server.js';

export interface Population {
  /** Name of the cloud. */
  readonly cloud: string;
  readonly seed: number;
  readonly count: number;
  readonly projectIds: readonly string[];
  readonly flavorIds: readonly string[];
  readonly imageIds: readonly string[];
  readonly hosts: readonly string[];
}

/** When the youngest was made: the same on every day, so that a cloud that is started again is the same cloud. */
const youngestAt = Date.UTC(2026, 0, 1);
const apartMs = 60_000;
const bootMs = 5_000;
const mask = 2 ** 28 - 1;
// Multiplication by an odd number is a permutation of the 28-bit numbers, and its inverse undoes it.
const scatter = 0x5bd1e95;
const gather = inverse(scatter);

/** Most a population can count. */
export const mostServers = mask;

export class InitialServers {
  private readonly word: number;

  constructor(private readonly population: Population) {
    this.word = noise(population.seed, numberOf(population.cloud));
  }

  get count(): number {
    return this.population.count;
  }

  /** Projects that have them. */
  get owners(): readonly string[] {
    return this.population.projectIds;
  }

  idOf(index: number): string {
    const place = ((Math.imul(index, scatter) ^ this.word) & mask).toString(16).padStart(7, '0');
    const [a, b] = [hex(noise(this.word, index, 1)), hex(noise(this.word, index, 2))];
    return `${place}${a[0]}-${a.slice(1, 5)}-4${a.slice(5)}-8${b.slice(0, 3)}-${b.slice(3)}${hex(this.word).slice(1)}`;
  }

  /** Undefined for an id that is not one of them. */
  indexOf(id: string): number | undefined {
    const place = Number.parseInt(id.slice(0, 7), 16);
    const index = Math.imul((place ^ this.word) & mask, gather) & mask;
    return index < this.population.count && this.idOf(index) === id ? index : undefined;
  }

  projectOf(index: number): string {
    return this.pick(this.population.projectIds, index, 3);
  }

  flavorOf(index: number): string {
    return this.pick(this.population.flavorIds, index, 7);
  }

  hostOf(index: number): string {
    return this.pick(this.population.hosts, index, 9);
  }

  createdAt(index: number): number {
    return youngestAt - index * apartMs;
  }

  at(index: number): Server {
    const draw = share(this.word, index, 4);
    const createdAt = this.createdAt(index);
    const bootedAt = createdAt + bootMs;
    const role = this.pick(roles, index, 5);
    const name = `${role}-${String(index).padStart(5, '0')}`;
    const n = hex(noise(this.word, index, 6));
    const projectId = this.projectOf(index);
    const failed = draw >= 0.99;
    return {
      id: this.idOf(index),
      name,
      projectId,
      userId: projectId,
      flavorId: this.flavorOf(index),
      imageId: this.pick(this.population.imageIds, index, 8),
      host: failed ? null : this.hostOf(index),
      vmState: failed ? 'error' : draw < 0.9 ? 'active' : 'stopped',
      taskState: null,
      createdAt,
      updatedAt: bootedAt,
      launchedAt: failed ? null : bootedAt,
      deletedAt: null,
      addresses: failed ? [] : [addressOf(index, n)],
      volumes: [],
      securityGroups: ['default'],
      metadata: { role, cloud: this.population.cloud },
      tags: [],
      keyName: null,
      description: null,
      locked: false,
      lockedReason: null,
      configDrive: false,
      userData: null,
      reservationId: `r-${n}`,
      launchIndex: 0,
      accessIPv4: '',
      accessIPv6: '',
      diskConfig: 'MANUAL',
      hostname: name,
      serverGroupId: null,
      fault: failed ? { code: 500, message: noValidHost, created: bootedAt } : null,
      before: null,
    };
  }

  private pick<T>(some: readonly T[], index: number, salt: number): T {
    return some[noise(this.word, index, salt) % some.length]!;
  }
}

export const noValidHost = 'No valid host was found. There are not enough hosts available.';

const roles = ['web', 'db', 'cache', 'worker', 'proxy', 'queue', 'build', 'batch'] as const;

/** @param n eight hexadecimal digits */
export const addressOf = (index: number, n: string) =>
  ({
    network: 'private',
    address: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
    version: 4,
    mac: `fa:16:3e:${n.slice(0, 2)}:${n.slice(2, 4)}:${n.slice(4, 6)}`,
    type: 'fixed',
  }) as const;

const hex = (value: number): string => value.toString(16).padStart(8, '0');

/** The number whose product with `odd` is 1 modulo 2^28, by Newton's iteration. */
function inverse(odd: number): number {
  let x = odd;
  for (let round = 0; round < 5; round += 1) x = Math.imul(x, 2 - Math.imul(odd, x));
  return x & mask;
}
