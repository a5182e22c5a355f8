/** Everything that a list could be asked, whether the service knows it or not. */

/** The id of nothing. */
export const nowhere = '00000000-0000-4000-8000-000000000000';
const texts = ['', 'x', '1', 'true'];
const times = ['', 'x', '2026-01-01T00:00:00Z', '2030-01-01', 'gt:2020-01-01T00:00:00', 'gt:x', 'about:2020-01-01'];
const numbers = ['', '0', '1', '-1', 'x', '1.5', '99999999999999999999'];

const values: Readonly<Record<string, readonly string[]>> = {
  limit: numbers,
  offset: numbers,
  size_min: numbers,
  size_max: numbers,
  marker: ['', 'x', nowhere],
  sort_dir: ['', 'asc', 'desc', 'ASC', 'up'],
  sort: ['', 'id', 'id:asc', 'id:desc,name', 'id:up', 'nosuch', 'a:b:c', ':', ','],
  sort_key: ['', 'nosuch', 'name', 'id', 'created_at', 'NAME'],
  fields: ['', 'id', 'nosuch', 'ID'],
  all_tenants: ['', '0', '1', 'true', 'x', 'False'],
  'changes-since': times,
  'changes-before': times,
  created_at: times,
  updated_at: times,
  start: times,
  end: times,
  metadata: ['', 'x', '{}', "{'Meta':'Data'}", '{"Meta":"Data"}', "{'meta':'data'}", '[]'],
  status: ['', 'available', 'AVAILABLE', 'ACTIVE', 'active', 'down', 'Error', 'x', 'in:active,queued', 'in:'],
  name: ['', 'Volume', 'volume', 'olum', 'Net', 'NET', 'in:Image', 'in:"Image",x', 'in:', '[', '(', 'a'.repeat(300)],
  page_reverse: ['', 'True', 'x'],
};
/** Names that mean something to one service or another. */
const names = [
  ...Object.keys(values),
  ...['foo', 'id', 'name~', 'deleted', 'with_count', 'ignore_errors', 'project_id', 'tenant_id', 'user_id'],
  ...['tags', 'not-tags', 'tags-any', 'not-tags-any', 'tag', 'usage', 'detailed', 'binary', 'host', 'is_public'],
  ...['owner', 'visibility', 'member_status', 'protected', 'availability_zone', 'minDisk', 'minRam'],
];

const parameter = (name: string, value: string): string => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;

function ofField(name: string, value: unknown): string[] {
  if (typeof value === 'object' && value !== null) return ['', 'x'].map((one) => parameter(name, one));
  const shown = String(value);
  const more = typeof value === 'string' ? ['%'] : ['1', '0', 'false', '-1', 'None'];
  return [
    ...['', shown, shown.toUpperCase(), 'x', ...more].map((one) => parameter(name, one)),
    parameter('sort_key', name),
    `${parameter('sort_key', name)}&sort_dir=desc`,
  ];
}

const ofId = (id: string): string[] => [
  parameter('marker', id),
  parameter('marker', id.toUpperCase()),
  `id=${id}&id=x`,
  `id=x&id=${id}`,
  `limit=1&sort_key=id&marker=${id}`,
];

/** @param rows of the list when nothing is asked; undefined for what is no list */
export function questionsOf(rows: readonly Record<string, unknown>[] | undefined): string[] {
  if (!rows) return ['foo=bar', 'fields=id', 'fields=', 'limit=x'];
  const [first] = rows;
  if (!first) return ['foo=bar', 'limit=x', 'limit=-1', 'marker=x', 'sort_key=nosuch&sort_dir=asc', 'sort_dir=up'];
  const all = names.flatMap((name) => (values[name] ?? texts).map((value) => parameter(name, value)));
  const fields = Object.entries(first).flatMap(([name, value]) => ofField(name, value));
  return [...new Set([...all, ...fields, ...(typeof first['id'] === 'string' ? ofId(first['id']) : [])])];
}
