/** Global resources that requests name, and their shadows, made at a site where they are missing. */
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import type { Body } from '../resources/kind.js';
import type { Site } from '../sites/site.js';

/**
 * Something global is at the site from then on.
 * @returns what the request is to name; an id that is the site's own is its gateway's to write
 * @throws Fault with the site's words where it refuses to hold the shadow
 */
export type Ensure = (site: Site, caller: Caller) => Promise<string>;

/** Something global that a request names. */
export interface GlobalNamed {
  /** As the cascade holds it. */
  readonly body: Body;
  readonly ensure: Ensure;
}

/** One kind of which some are global. */
export interface ShadowMaker {
  readonly kind: string;
  /** Those of some names, as requests write them, that mean something global to a caller. */
  find(names: readonly string[], caller: Caller): Promise<ReadonlyMap<string, GlobalNamed>>;
}

export class Shadows {
  private readonly makers = new Map<string, ShadowMaker>();

  add(maker: ShadowMaker): void {
    this.makers.set(maker.kind, maker);
  }

  async find(kind: string, names: readonly string[], caller: Caller): Promise<ReadonlyMap<string, GlobalNamed>> {
    return (await this.makers.get(kind)?.find(names, caller)) ?? new Map<string, GlobalNamed>();
  }
}

/** For kinds whose names are looked up one by one. */
export async function findEach(
  names: readonly string[],
  find: (name: string) => Promise<GlobalNamed | undefined>,
): Promise<Map<string, GlobalNamed>> {
  const found = await Promise.all(
    [...new Set(names)].map(async (name): Promise<[string, GlobalNamed][]> => {
      const global = await find(name);
      return global ? [[name, global]] : [];
    }),
  );
  return new Map(found.flat());
}
