/** Keys of users. @see openstack/nova:nova/api/openstack/compute/keypairs.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { compared, valueAt, type Parts } from '../state/part.js';

export interface KeyPair {
  readonly number: number;
  /** The name, by which pages are told apart. */
  readonly id: string;
  readonly name: string;
  readonly type: 'ssh' | 'x509';
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly userId: string;
  readonly createdAt: number;
}

export class KeyPairs {
  private readonly rows = new Map<string, Map<string, KeyPair>>();
  private last = 0;

  /** By name. */
  of(userId: string): KeyPair[] {
    return [...(this.rows.get(userId)?.values() ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(userId: string, name: string): KeyPair | undefined {
    return this.rows.get(userId)?.get(name);
  }

  /** @throws Fault 409 */
  add(given: Omit<KeyPair, 'number' | 'id'>): KeyPair {
    const own = this.rows.get(given.userId) ?? new Map<string, KeyPair>();
    if (own.has(given.name)) throw new Fault('conflict', `Key pair '${given.name}' already exists.`);
    const made = { ...given, id: given.name, number: (this.last += 1) };
    own.set(given.name, made);
    this.rows.set(given.userId, own);
    return made;
  }

  remove(userId: string, name: string): void {
    this.rows.get(userId)?.delete(name);
  }

  parts(): Parts {
    return {
      'key pairs': compared({
        rows: () => [...this.rows].map(([userId, own]) => [userId, [...own.values()]] as const),
        restore: (rows) => {
          for (const [userId, own] of rows) this.rows.set(userId, new Map(own.map((pair) => [pair.name, pair])));
        },
      }),
      'last key pair': valueAt(
        () => this.last,
        (last) => (this.last = last),
      ),
    };
  }
}
