/** Filters of the form `operator:value`, and times in them. @see openstack/glance:glance/common/utils.py split_filter_op */
import { Fault } from '../faults.js';

export interface Operation {
  readonly operator: string;
  readonly value: string;
}

export interface Comparison {
  /** In SQL. */
  readonly sign: string;
  readonly holds: (a: number, b: number) => boolean;
}

/** The operators that compare. */
export const comparisons: Readonly<Record<string, Comparison>> = {
  gt: { sign: '>', holds: (a, b) => a > b },
  gte: { sign: '>=', holds: (a, b) => a >= b },
  lt: { sign: '<', holds: (a, b) => a < b },
  lte: { sign: '<=', holds: (a, b) => a <= b },
  neq: { sign: '<>', holds: (a, b) => a !== b },
  eq: { sign: '=', holds: (a, b) => a === b },
};

/** `in:a,b`, `gte:2026-01-01T00:00:00Z`; without an operator, or for a bare time, `eq`. */
export function splitOperator(expression: string): Operation {
  const colon = expression.indexOf(':');
  if (colon < 0 || parseIsoTime(expression)) return { operator: 'eq', value: expression };
  return { operator: expression.slice(0, colon), value: expression.slice(colon + 1) };
}

const isoTime =
  /^(\d{4})(?:(-\d{1,2}|\d\d(?!$))(?:(-\d{1,2}|\d\d)(?:[ T](\d\d)(?::?(\d\d)(?::?(\d{1,2})(?:[.,](\d+))?)?)?(Z|[+-]\d\d:?(?:\d\d)?)?)?)?)?$/;

/** A moment in ISO 8601, UTC where no zone is given; undefined for anything else. @see Python's iso8601 */
export function parseIsoTime(text: string): Date | undefined {
  const found = isoTime.exec(text);
  if (!found) return undefined;
  const [, year, month = '1', day = '1', hour = '0', minute = '0', second = '0', fraction = '0', zone = 'Z'] = found;
  const [Y, M, D, h, m, s] = [year, month, day, hour, minute, second].map((part) => Math.abs(Number(part))) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const ms = Date.UTC(Y, M - 1, D, h, m, s, Math.floor(Number(`0.${fraction}`) * 1000));
  const same = new Date(ms);
  // Date.UTC carries over: the 31st of February would be a day in March.
  if (same.getUTCMonth() !== M - 1 || same.getUTCDate() !== D || h > 23 || m > 59 || s > 59) return undefined;
  return new Date(ms - zoneMs(zone));
}

function zoneMs(zone: string): number {
  if (zone === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || '0');
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}

/** The values of `in:`, of which those with commas stand in double quotes. @throws Fault 400 */
export function splitValues(value: string): string[] {
  checkQuotes(value);
  const parts = value.matchAll(/"([^"\\]*(?:\\.[^"\\]*)*)",?|([^,]+),?|,/g);
  return [...parts].map(([, quoted, bare]) => quoted || bare || '');
}

function checkQuotes(value: string): void {
  const refuse = (why: string): never => {
    throw new Fault('bad-request', `Invalid filter value ${value}. ${why}`);
  };
  let opens = true;
  for (let at = 0; at < value.length; at += 1) {
    if (value[at] !== '"' || value[at - 1] === '\\') continue;
    if (opens && at > 0 && value[at - 1] !== ',') refuse('There is no comma before opening quotation mark.');
    if (!opens && at + 1 < value.length && value[at + 1] !== ',')
      refuse('There is no comma after closing quotation mark.');
    opens = !opens;
  }
  if (!opens) refuse('The quote is not closed.');
}
