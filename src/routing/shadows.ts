/** Shadows on demand: what a global resource is called at a site, made there if it is missing. */
import type { Caller } from '../openstack/caller.js';
import type { Site } from '../sites/site.js';

/** One kind of global resource, as the linker sees it. */
export interface ShadowMaker {
  readonly kind: string;
  /**
   * The site's id for what a request names, made there if need be. A name nobody knows is returned as it is: the site's
   * own refusal is the tenant's answer.
   * @throws Fault with the site's words where it refuses to hold the shadow
   */
  ensure(named: string, site: Site, caller: Caller): Promise<string>;
}

export class Shadows {
  private readonly makers = new Map<string, ShadowMaker>();

  add(maker: ShadowMaker): void {
    this.makers.set(maker.kind, maker);
  }

  isGlobal(kind: string): boolean {
    return this.makers.has(kind);
  }

  ensure(kind: string, named: string, site: Site, caller: Caller): Promise<string> {
    const maker = this.makers.get(kind);
    if (!maker) throw new Error(`no global kind ${kind}`);
    return maker.ensure(named, site, caller);
  }
}
