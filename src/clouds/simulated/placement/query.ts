/** Reading Placement's queries. @see openstack/placement:placement/util.py */
import { Fault } from '../../../openstack/faults.js';

const bad = (words: string): Fault => new Fault('bad-request', words);

/** `VCPU:2,MEMORY_MB:1024`. @throws Fault 400 */
export function resourcesOf(text: string): Record<string, number> {
  const wanted: Record<string, number> = {};
  for (const part of text.split(',')) {
    const [name = '', amount = '', ...more] = part.split(':');
    if (amount === '' || more.length > 0) {
      throw bad(`Badly formed resources parameter. Expected resources query string parameter in form: ?resources=VCPU:2,MEMORY_MB:1024. Got: ${part || 'empty string'}.`); // prettier-ignore
    }
    if (!/^\d+$/.test(amount))
      throw bad(`Requested resource ${name} expected positive integer amount. Got: ${amount}.`);
    if (Number(amount) < 1) throw bad(`Requested resource ${name} requires amount >= 1. Got: ${amount}.`);
    if (!/^[A-Z0-9_]+$/.test(name))
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
