/**
 * Which flavor a server was made with. Since 2.47 Nova says its name and measures, and the name may have gone to another
 * flavor meanwhile: a deleted one's to one that was made after it.
 */
import { isSameText } from '@cascade/openstack-protocol/filters/text-collation.js';
import type { Body } from '../../resources/kind.js';
import type { GlobalRow } from '../../resources/global.js';

export interface NamedFlavor {
  readonly id: string;
  readonly vcpus: unknown;
  readonly ram: unknown;
  readonly disk: unknown;
  /** As servers show it since 2.47. */
  readonly shown: Body;
  /** Null for the one that has the name now. */
  readonly deletedAt: Date | null;
}

const measures = ['vcpus', 'ram', 'disk'] as const;

export class NamedFlavors {
  /** Of each name: in the order in which they had it. */
  private readonly byName = new Map<string, NamedFlavor[]>();

  /**
   * @param flavors living and deleted
   * @param inBodies true where there are sites whose servers carry ids instead of names, being older than 2.47
   */
  constructor(
    flavors: readonly (NamedFlavor & { readonly name: string })[] = [],
    readonly inBodies = false,
  ) {
    const time = ({ deletedAt }: NamedFlavor): number => deletedAt?.getTime() ?? Infinity;
    for (const flavor of [...flavors].sort((a, b) => (time(a) < time(b) ? -1 : 1)))
      this.byName.set(flavor.name, [...(this.byName.get(flavor.name) ?? []), flavor]);
  }

  /** True where a name alone does not say which flavor is meant. */
  get areAmbiguous(): boolean {
    return [...this.byName.values()].some((namesakes) => namesakes.length > 1);
  }

  /** The id that Nova showed before 2.47; the name where no such flavor is known. */
  idOf(flavor: Body, created: unknown): string {
    const named = flavor['original_name'];
    const name = typeof named === 'string' ? named : '';
    const all = this.byName.get(name) ?? [];
    const alike = all.filter((one) => measures.every((key) => one[key] === flavor[key]));
    const possible = alike.length > 0 ? alike : all;
    const stamp = typeof created === 'string' ? Date.parse(created) : NaN;
    const made = Number.isNaN(stamp) ? Infinity : stamp; // unknown: the one that has the name now
    // The first that still had the name: it is the one unless the server was resized since, to another of the same measures.
    const then = possible.find(({ deletedAt }) => deletedAt === null || deletedAt.getTime() > made);
    return (then ?? possible.at(-1))?.id ?? name;
  }

  /** What servers show of a flavor that is told by its id; undefined for any other. */
  embedded(flavor: unknown): Body | undefined {
    const id = (flavor as Body | null | undefined)?.['id'];
    return [...this.byName.values()].flat().find((one) => one.id === id)?.shown;
  }

  /** The name of a flavor, and those that had it before; undefined for one that is deleted, with which Nova finds none. */
  living(id: string): { name: string; flavor: NamedFlavor; before: readonly NamedFlavor[] } | undefined {
    for (const [name, namesakes] of this.byName) {
      const flavor = namesakes.find((one) => one.deletedAt === null && isSameText(one.id, id));
      if (flavor) return { name, flavor, before: namesakes.filter((one) => one !== flavor) };
    }
    return undefined;
  }
}

export function namedFlavor({ id, body, deleted_at: deletedAt }: Pick<GlobalRow, 'id' | 'body' | 'deleted_at'>) {
  const [vcpus, ram, disk] = measures.map((key) => body[key]);
  const shown = {
    vcpus,
    ram,
    disk,
    ephemeral: body['OS-FLV-EXT-DATA:ephemeral'] ?? 0,
    swap: body['swap'] || 0,
    original_name: body['name'],
    extra_specs: body['extra_specs'] ?? {},
  };
  return { id, name: String(body['name']), vcpus, ram, disk, shown, deletedAt };
}

/** What a server's flavor has in its body where it was made with this one and none of the others; undefined where one is alike. */
export function distinctMeasures(flavor: NamedFlavor, others: readonly NamedFlavor[]): Body | undefined {
  const isAlike = others.some((other) => measures.every((key) => other[key] === flavor[key]));
  return isAlike ? undefined : Object.fromEntries(measures.map((key) => [key, flavor[key]]));
}
