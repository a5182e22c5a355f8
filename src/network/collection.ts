/** What differs between Neutron's collections, as data. */
import type { Fields } from './references.js';

/** G list or show, C create, U update, D delete. */
export type Verbs = string;

export interface Collection {
  /** `/qos/policies`, below /v2.0. */
  readonly path: string;
  /** Kind of its resources; singular, unique over all services. */
  readonly kind: string;
  /** JSON keys of one and of many. */
  readonly key: string;
  readonly keys: string;
  /** On the collection, and on one of it. */
  readonly verbs: readonly [Verbs, Verbs];
  /** What a resource's body names. */
  readonly fields: Fields;
  /** Actions spelled `PUT <path>/{id}/<action>`, with what their bodies name. */
  readonly actions?: Readonly<Record<string, Fields>>;
  /** `GET <path>/{id}/<word>`. */
  readonly reads?: readonly string[];
  readonly nested?: readonly Nested[];
  /** Where `<path>/{id}/tags` is: the path itself or an older one. */
  readonly tags?: string;
  /** Kind whose ids these resources go by, where they have none of their own. */
  readonly idsOf?: string;
  /** What identifies one of it in a page's marker. @default id */
  readonly primaryKey?: string;
  /** Its lists have no pages: Neutron takes no notice of limit and marker. */
  readonly isPageless?: boolean;
  /** Services write it in their own name, who are no members of any project. */
  readonly servicesWrite?: true;
  /** Lists come from the inventory, which a feed keeps; the rest asks the sites each time. */
  readonly followed?: boolean;
}

/** A collection below one resource: it lives where that resource lives. */
export interface Nested {
  /** `bandwidth_limit_rules`; may hold slashes and parameters. */
  readonly path: string;
  readonly verbs: readonly [Verbs, Verbs];
  /** Key of its body; '' where the body's fields have none around them. */
  readonly key: string;
  readonly fields: Fields;
}

/** The method a letter stands for. */
export const methods: Readonly<Record<string, string>> = { G: 'GET', C: 'POST', U: 'PUT', D: 'DELETE' };

export const methodsOf = (verbs: Verbs): string[] => [...verbs].map((letter) => methods[letter] ?? letter);
