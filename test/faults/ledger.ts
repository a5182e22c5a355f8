/** What was asked, of the cascade and behind its back, and what was answered: each accepted request must be accounted for. */
import type { KindName } from './kinds.js';
import type { Listed, Told } from './openstack-api.js';

interface Create {
  readonly kind: KindName;
  readonly name: string;
  readonly status: number | undefined;
  readonly id: string | undefined;
}

interface Deletion {
  readonly kind: KindName;
  readonly id: string;
  readonly status: number | undefined;
  /** True where the cascade was asked; false behind its back. */
  readonly asked: boolean;
}

/** One resource of one site, as the site itself or the inventory has it. */
export interface Held extends Listed {
  readonly kind: KindName;
  readonly site: string;
}

const isOk = (status: number | undefined): boolean => status !== undefined && status >= 200 && status < 300;
const isRefused = (status: number | undefined): boolean => status !== undefined && status >= 400 && status < 500;

export class Ledger {
  private readonly creates: Create[] = [];
  private readonly deletions: Deletion[] = [];

  created(kind: KindName, name: string, key: string, { status, body }: Told): void {
    const id = (body?.[key] as { id?: string } | undefined)?.id;
    this.creates.push({ kind, name, status, id });
  }

  deleted(kind: KindName, id: string, { status }: Told, asked: boolean): void {
    this.deletions.push({ kind, id, status, asked });
  }

  /** What a tenant knows to have, in the order it was made. */
  known(kind: KindName): string[] {
    const gone = new Set(this.deletions.map(({ id }) => id));
    return this.creates.flatMap((one) =>
      one.kind === kind && isOk(one.status) && one.id && !gone.has(one.id) ? one.id : [],
    );
  }

  /** What the sites hold against what was answered. @returns one sentence for each thing that is wrong */
  audit(atSites: readonly Held[]): string[] {
    return [...this.creates.flatMap((one) => this.auditCreate(one, atSites)), ...this.auditDeletions(atSites)];
  }

  private auditCreate({ kind, name, status, id }: Create, atSites: readonly Held[]): string[] {
    // Names are given once and kept as a prefix when something is renamed.
    const found = atSites.filter(
      (held) => held.kind === kind && (held.name === name || held.name.startsWith(`${name}+`)),
    );
    const what = `${kind} ${name} (${id ?? 'no id'}), answered ${status ?? 'nothing'}`;
    if (found.length > 1) return [`${what}: made ${found.length} times, ${found.map((one) => one.site).join(' and ')}`];
    const wasDeleted = this.deletions.some((one) => one.id === id || found.some((held) => held.id === one.id));
    if (isOk(status) && id !== undefined && found.length === 0 && !wasDeleted) return [`${what}: is nowhere`];
    if (isRefused(status) && found.length > 0) return [`${what}: was made all the same`];
    if (id !== undefined && found.some((held) => held.id !== id))
      return [`${what}: has id ${found[0]!.id} at its site`];
    return [];
  }

  private auditDeletions(atSites: readonly Held[]): string[] {
    const ids = new Set(atSites.map((held) => held.id));
    return this.deletions
      .filter(({ id, status }) => isOk(status) && ids.has(id))
      .map(({ kind, id, status }) => `${kind} ${id}: its deletion was answered ${status}, and it is still there`);
  }
}

/** @returns one sentence for each difference between the inventory and the union of the sites */
export function compare(inventory: readonly Held[], atSites: readonly Held[]): string[] {
  const keyOf = ({ kind, site, id }: Held): string => `${kind} ${id} in ${site}`;
  const [listed, there] = [inventory, atSites].map((all) => new Map(all.map((held) => [keyOf(held), held]))) as [
    Map<string, Held>,
    Map<string, Held>,
  ];
  const wrong: string[] = [];
  for (const [key, { name, status }] of there) {
    const known = listed.get(key);
    if (!known) wrong.push(`${key} (${name}): not in the inventory`);
    else if (known.name !== name || known.status !== status)
      wrong.push(`${key}: is ${name} ${status}, the inventory says ${known.name} ${known.status}`);
  }
  for (const [key, { name }] of listed)
    if (!there.has(key)) wrong.push(`${key} (${name}): in the inventory, not there`);
  if (listed.size < inventory.length) wrong.push(`${inventory.length - listed.size} ids are in the inventory twice`);
  return wrong;
}
