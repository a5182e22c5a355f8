/** A page of stored bodies as the bytes they are: for lists that show them as they are kept. */
import type { Database } from '../database/database.js';
import { inTime } from './patience.js';
import { spellList, type ListQuery } from './query.js';

/**
 * Bodies of one page in one piece, in order: of each row its site's id, a line feed and the body, with a record separator
 * (see lines.ts) between two rows. Empty where there is none. So a thousand rows cost this process one value, not thousands.
 * @throws Fault 400 where the marker is unknown
 */
export async function bodyPage(database: Database, query: ListQuery): Promise<Buffer> {
  return inTime(database, query.where, async (on) => {
    const { text, values } = await spellList(on, query, 'r.site_id, r.body');
    return on.bytes(
      `select convert_to(coalesce(string_agg(r.site_id || e'\\n' || r.body, e'\\x1e'), ''), 'UTF8') from (${text}) r`,
      values,
    );
  });
}
