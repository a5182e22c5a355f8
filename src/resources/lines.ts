/**
 * Bodies in lines. Lists show most of a stored body as it is and leave out or reshape a few fields. So that a page needs no
 * parsing, a kind may have its bodies written with a line feed between groups of fields that are always treated alike.
 * The text stays JSON: a line feed between two fields means nothing, and within strings JSON writes it as `\n`.
 */
import type { Body } from './kind.js';

/** Ends a line of a body. */
export const lineFeed = '\n';

/**
 * A body as JSON in exactly `count` lines, the id first. `{` begins the first line and `}` ends the last; every line but
 * the first begins with a comma, or is empty: any choice of lines with the first among them is a body again.
 * @param lineOf the line, from 0, in which a field stands; that of `id` is 0
 */
export function inLines(body: Body, lineOf: (field: string) => number, count: number): string {
  const lines = Array.from({ length: count }, () => '');
  for (const [field, value] of Object.entries({ id: body['id'], ...body })) {
    if (value !== undefined) lines[lineOf(field)] += fieldText(field, value);
  }
  return `{${lines.join(lineFeed).slice(1)}}`;
}

/** One field as it stands in a line: `,"name":"db1"`. */
export const fieldText = (field: string, value: unknown): string =>
  `,${JSON.stringify(field)}:${JSON.stringify(value)}`;

/** The value of the only field that may stand in a line; undefined where the line is empty. */
export const valueIn = (line: string): unknown =>
  line === '' ? undefined : Object.values(JSON.parse(`{${line.slice(1)}}`) as Body)[0];
