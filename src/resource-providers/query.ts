/** What Placement's lists can be asked for. @see openstack/placement:placement/util.py, placement/schemas/ */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Provider } from './providers.js';

const bad = (words: string): Fault => new Fault('bad-request', words);

/** Parameters and the first microversion that has each. @throws Fault 400 for another one */
export function checkParameters(asked: Asked, since: readonly (readonly [RegExp, string])[]): void {
  for (const name of asked.query.keys()) {
    const known = since.some(([pattern, version]) => pattern.test(name) && atLeast(asked.microversion, version));
    if (known) continue;
    throw bad(`Invalid query string parameters: Additional properties are not allowed ('${name}' was unexpected)`);
  }
}

const uuid = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** @throws Fault 400 */
export function checkUuid(value: string): void {
  if (!uuid.test(value)) throw bad(`Invalid query string parameters: '${value}' is not a 'uuid'`);
}

/** `VCPU:2,MEMORY_MB:1024`. @throws Fault 400 */
export function parseResources(text: string): Record<string, number> {
  const form =
    'Badly formed resources parameter. Expected resources query string parameter in form: ?resources=VCPU:2,MEMORY_MB:1024. Got: ';
  if (text.trim() === '') throw bad(`${form}empty string.`);
  const wanted: Record<string, number> = {};
  for (const part of text.split(',')) {
    const [name = '', amount, ...more] = part.split(':');
    if (amount === undefined || more.length > 0) throw bad(`${form}${part}.`);
    if (!/^\s*[+-]?\d+\s*$/.test(amount)) {
      throw bad(`Requested resource ${name} expected positive integer amount. Got: ${amount}.`);
    }
    if (Number(amount) < 1) throw bad(`Requested resource ${name} requires amount >= 1. Got: ${Number(amount)}.`);
    if (!/^[A-Z0-9_]+$/.test(name)) {
      throw bad(`Invalid resource class in resources parameter: No such resource class ${name}.`);
    }
    wanted[name] = (wanted[name] ?? 0) + Number(amount);
  }
  return wanted;
}

export const hasRoomFor = (provider: Provider, wanted: Record<string, number>): boolean =>
  Object.entries(wanted).every(([name, amount]) => {
    const stock = Object.hasOwn(provider.stocks, name) ? provider.stocks[name] : undefined;
    return stock !== undefined && stock.used + amount <= stock.total;
  });

/** True where a provider that has no traits and is in no aggregate can match: nothing but exclusions is asked for. */
export const asksForNone = (values: readonly string[]): boolean =>
  values.every((value) => value.split(',').every((part) => part.startsWith('!')));
