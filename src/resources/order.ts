/** The order of a list, and what lies behind a marker in it. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Queryable } from '../database/database.js';
import type { Add, ListQuery, SortKey } from './list-query.js';

const columns = new Set(['id', 'created_at', 'updated_at']);
const inBody = 'body.';

// Names are compared as MySQL does for every service: without regard to case.
export function expression({ by, enumeration }: Pick<SortKey, 'by' | 'enumeration'>): string {
  if (columns.has(by)) return `r.${by}`;
  if (enumeration)
    return `sort_value(to_jsonb(array_position(array['${enumeration.join("','")}'], r.facts->>'${by}')))`;
  const [json, key] = by.startsWith(inBody) ? ['r.body::jsonb', by.slice(inBody.length)] : ['r.facts', by];
  return `sort_value(${json}->'${key.replace(/'/g, "''")}')`;
}

export const flip = (direction: SortKey['direction'], backwards?: boolean): SortKey['direction'] =>
  backwards ? (direction === 'asc' ? 'desc' : 'asc') : direction;

/** Everything behind the marker's row in the asked order: keyset paging, whose cost does not grow with the page. */
export async function afterMarker(database: Queryable, query: ListQuery, marker: string, add: Add): Promise<string> {
  // As text: a JavaScript date would lose the microseconds by which rows of one second are told apart.
  const texts = query.sort.map((key, at) => `${expression(key)}::text as k${at}`).join(', ');
  const [found] = await database.many<Record<string, unknown>>(
    `select ${texts} from resource r where r.kind = $1 and r.id = $2 order by r.is_copy limit 1`,
    [query.kind, marker],
  );
  if (!found) throw new Fault('bad-request', `marker [${marker}] not found`);
  const keys = query.sort.map(({ by, direction, enumeration }, at) => ({
    row: expression({ by, enumeration }),
    value: `${add(found[`k${at}`])}::${by === 'id' ? 'text' : columns.has(by) ? 'timestamptz' : 'jsonb'}`,
    sign: flip(direction, query.backwards) === 'asc' ? '>' : '<',
  }));
  const [first] = keys;
  if (!first) return 'true';
  const list = (part: 'row' | 'value', upTo = keys.length): string =>
    `(${keys
      .slice(0, upTo)
      .map((key) => key[part])
      .join(', ')})`;
  // One comparison of rows is a range of an index in that order, which a chain of alternatives is not.
  if (keys.every(({ sign }) => sign === first.sign)) return `${list('row')} ${first.sign} ${list('value')}`;
  const branches = keys.map(({ row, value, sign }, at) => {
    const further = `${row} ${sign} ${value}`;
    return at === 0 ? further : `(${list('row', at)} = ${list('value', at)} and ${further})`;
  });
  // The first condition follows from the others; it is what bounds the range of an index.
  return `${first.row} ${first.sign}= ${first.value} and (${branches.join(' or ')})`;
}
