/** Flavors of one cloud. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { compared, type Parts } from '../../state/part.js';

export interface Flavor {
  readonly id: string;
  readonly name: string;
  readonly vcpus: number;
  /** MiB. */
  readonly ram: number;
  /** GiB. */
  readonly disk: number;
  readonly ephemeral: number;
  /** MiB. */
  readonly swap: number;
  readonly rxtxFactor: number;
  readonly isPublic: boolean;
  readonly description: string | null;
  readonly extraSpecs: Readonly<Record<string, string>>;
  /** Projects that may use one that is not public. */
  readonly access: readonly string[];
}

export class Flavors {
  private readonly rows = new Map<string, Flavor>();
  /** Every flavor there ever was, in the order of its making: servers may still have it. */
  private readonly everMade = new Map<string, Flavor>();

  constructor(initial: readonly Flavor[]) {
    for (const flavor of initial) this.put(flavor);
  }

  all(): Flavor[] {
    return [...this.rows.values()];
  }

  find(id: string): Flavor | undefined {
    return this.rows.get(id);
  }

  /** One that a server has, be it deleted since. */
  ever(id: string): Flavor {
    const flavor = this.everMade.get(id);
    if (!flavor) throw new Error(`no server has ever had flavor ${id}`);
    return flavor;
  }

  /** The number under which Nova's database would have it. */
  numberOf(id: string): number {
    return [...this.everMade.keys()].indexOf(id) + 1;
  }

  mayUse({ caller }: Asked, flavor: Flavor): boolean {
    return flavor.isPublic || caller.isAdmin || flavor.access.includes(caller.projectId ?? '');
  }

  /** @throws Fault 409 for an id or a name that is taken */
  add(flavor: Flavor): void {
    if (this.rows.has(flavor.id)) throw new Fault('conflict', `Flavor with ID ${flavor.id} already exists.`);
    if (this.all().some(({ name }) => name === flavor.name)) {
      throw new Fault('conflict', `Flavor with name ${flavor.name} already exists.`);
    }
    this.put(flavor);
  }

  /** @throws Fault 404 */
  change(id: string, changes: Partial<Flavor>): Flavor {
    const after = { ...this.require(id), ...changes };
    this.put(after);
    return after;
  }

  /** @throws Fault 404 */
  remove(id: string): void {
    this.require(id);
    this.rows.delete(id);
  }

  /** @throws Fault 404 */
  require(id: string): Flavor {
    const flavor = this.rows.get(id);
    if (!flavor) throw new Fault('not-found', `Flavor ${id} could not be found.`);
    return flavor;
  }

  parts(): Parts {
    return {
      flavor: compared<Flavor & { gone: boolean }>({
        rows: () => [...this.everMade].map(([id, flavor]) => [id, { ...flavor, gone: !this.rows.has(id) }] as const),
        restore: (rows) => {
          this.rows.clear();
          this.everMade.clear();
          for (const { gone, ...flavor } of rows.values()) {
            this.put(flavor);
            if (gone) this.rows.delete(flavor.id);
          }
        },
      }),
    };
  }

  private put(flavor: Flavor): void {
    this.rows.set(flavor.id, flavor);
    this.everMade.set(flavor.id, flavor);
  }
}

const row = (id: string, name: string, vcpus: number, ram: number, disk: number): Flavor => ({
  id,
  name,
  vcpus,
  ram,
  disk,
  ephemeral: 0,
  swap: 0,
  rxtxFactor: 1,
  isPublic: true,
  description: null,
  extraSpecs: {},
  access: [],
});

/** What a fresh cloud has, as DevStack makes them. */
export const usualFlavors: readonly Flavor[] = [
  row('1', 'm1.tiny', 1, 512, 1),
  row('2', 'm1.small', 1, 2048, 20),
  row('3', 'm1.medium', 2, 4096, 40),
  row('4', 'm1.large', 4, 8192, 80),
  row('5', 'm1.xlarge', 8, 16384, 160),
];
