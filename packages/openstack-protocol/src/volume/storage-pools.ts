/** Storage pools as a Cinder's scheduler sees them: does one satisfy a volume type, and has it room. */
import { booleanWord } from '../filters/boolean-word.js';

/** A pool's capabilities as `GET /scheduler-stats/get_pools?detail=True` tells them; sizes in GiB. */
export type Pool = Readonly<Record<string, unknown>>;

/** A volume type's extra specs at one site. */
export type Specs = Readonly<Record<string, string>>;

/**
 * True where a pool has what a type asks for. Scoped specs are a driver's own matter, but for `capabilities:`.
 * @see openstack/cinder:cinder/scheduler/filters/capabilities_filter.py
 */
export const satisfies = (pool: Pool, specs: Specs): boolean =>
  Object.entries(specs).every(([key, wanted]) => {
    const steps = key.split(':');
    if (steps.length > 1 && steps[0] !== 'capabilities') return true;
    const path = steps[0] === 'capabilities' ? steps.slice(1) : steps;
    const has = path.reduce<unknown>((inner, step) => (inner as Pool | null | undefined)?.[step], pool);
    return has !== undefined && has !== null && matches(has, wanted);
  });

const numbers: Readonly<Record<string, (has: number, wanted: number) => boolean>> = {
  '=': (has, wanted) => has >= wanted,
  '==': (has, wanted) => has === wanted,
  '!=': (has, wanted) => has !== wanted,
  '>=': (has, wanted) => has >= wanted,
  '<=': (has, wanted) => has <= wanted,
};

const words: Readonly<Record<string, (has: string, wanted: string) => boolean>> = {
  '<in>': (has, wanted) => has.includes(wanted),
  '<is>': (has, wanted) => (booleanWord(has) ?? false) === (booleanWord(wanted) ?? false),
  's==': (has, wanted) => has === wanted,
  's!=': (has, wanted) => has !== wanted,
  's<': (has, wanted) => has < wanted,
  's<=': (has, wanted) => has <= wanted,
  's>': (has, wanted) => has > wanted,
  's>=': (has, wanted) => has >= wanted,
};

/** @see openstack/cinder:cinder/scheduler/filters/extra_specs_ops.py */
function matches(value: unknown, wanted: string): boolean {
  const [has, text] = [String(value).toLowerCase(), wanted.toLowerCase()];
  const [operator = '', operand, ...more] = text.split(/\s+/).filter(Boolean);
  if (operator === '<or>') return [operand, ...more].some((word, at) => at % 2 === 0 && word === has);
  const [byNumber, byWord] = [numbers[operator], words[operator]];
  if (byNumber) return operand !== undefined && byNumber(Number(has), Number(operand));
  if (byWord) return operand !== undefined && byWord(has, operand);
  return typeof value === 'boolean' ? booleanWord(text) === value : has === text;
}

/**
 * GiB that a pool has left for volumes; infinite where it does not know. What is held back for thin pools' growth counts
 * as used, what a thin pool may promise beyond what it has counts as free.
 * @see openstack/cinder:cinder/scheduler/filters/capacity_filter.py
 */
export function freeGib(pool: Pool): number {
  const [free, total] = [pool['free_capacity_gb'], Number(pool['total_capacity_gb'])];
  if (typeof free !== 'number') return free === undefined || free === null ? 0 : Infinity;
  const held = Number.isFinite(total) ? Math.floor((total * Number(pool['reserved_percentage'] ?? 0)) / 100) : 0;
  const ratio = Number(pool['max_over_subscription_ratio']);
  const isThin = booleanWord(String(pool['thin_provisioning_support'])) === true && ratio >= 1;
  if (!isThin || !Number.isFinite(total)) return free - held;
  const unpromised = total * ratio - Number(pool['provisioned_capacity_gb'] ?? 0);
  return Math.min((free - held) * ratio, unpromised);
}
