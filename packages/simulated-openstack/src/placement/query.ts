/** Reading Placement's queries. @see openstack/placement:placement/util.py */
import { standardResourceClasses } from '@cascade/openstack-protocol/placement/resource-classes.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { looksLikeUuid } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { traits } from './providers.js';

const bad = (words: string): Fault => new Fault('bad-request', words);

/** `VCPU:2,MEMORY_MB:1024`. @throws Fault 400 */
export function resourcesOf(text: string): Record<string, number> {
  const wanted: Record<string, number> = {};
  for (const part of text.split(',')) {
    const [name = '', amount = '', ...more] = part.split(':');
    if (amount === '' || more.length > 0) {
      throw bad(
        `Badly formed resources parameter. Expected resources query string parameter in form: ?resources=VCPU:2,MEMORY_MB:1024. Got: ${part || 'empty string'}.`,
      );
    }
    if (!/^\s*[+-]?\d+\s*$/.test(amount))
      throw bad(`Requested resource ${name} expected positive integer amount. Got: ${amount}.`);
    if (Number(amount) < 1) throw bad(`Requested resource ${name} requires amount >= 1. Got: ${Number(amount)}.`);
    if (!standardResourceClasses.includes(name))
      throw bad(`Invalid resource class in resources parameter: No such resource class ${name}.`);
    wanted[name] = (wanted[name] ?? 0) + Number(amount);
  }
  return wanted;
}

/** Traits that must be there, or with `!` must not. */
export const hasTraits = (required: readonly string[], traits: readonly string[]): boolean =>
  required
    .flatMap((value) => value.split(','))
    .every((name) => (name.startsWith('!') ? !traits.includes(name.slice(1)) : traits.includes(name)));

/** Those of os-traits are known to every Placement, whether a host has them or not; others are made first. */
const isKnown = (trait: string): boolean =>
  traits.includes(trait) || /^(COMPUTE|HW|MISC|OWNER|STORAGE)_[A-Z0-9_]+$/.test(trait);

/** Traits that are named, wanted or not. @throws Fault 400 for one that nobody knows; `before` begins the words */
export function checkTraits(required: readonly string[], before: string): void {
  const names = required.flatMap((value) => value.replace(/^in:/, '').split(','));
  const unknown = names.map((name) => name.trim().replace(/^!+/, '')).filter((name) => !isKnown(name));
  if (unknown.length > 0) throw bad(`${before}No such trait(s): ${[...new Set(unknown)].sort().join(', ')}.`);
}

/** `<uuid>`, `in:<uuid>,<uuid>`, either with `!`. @throws Fault 400 */
export function checkAggregates(memberOf: readonly string[]): void {
  for (const value of memberOf) {
    const ids = value.replace(/^!?(in:)?/, '').split(',');
    if (ids.every((id) => looksLikeUuid(id))) continue;
    throw bad(
      `Invalid query string parameters: Expected 'member_of' parameter to contain valid UUID(s). Got: ${value}`,
    );
  }
}

/** @throws Fault 400 */
export function checkTraitQuery(query: URLSearchParams): void {
  const name = query.get('name');
  if (name !== null && !/^(in|startswith):/.test(name)) {
    throw bad(
      `Badly formatted name parameter. Expected name query string parameter in form: ?name=[in|startswith]:[name1,name2|prefix]. Got: "${name}"`,
    );
  }
  if (query.has('associated') && !/^(true|false)$/i.test(query.get('associated')!)) {
    throw bad('The query parameter "associated" only accepts "true" or "false"');
  }
}
