/** What a service's own request schemas refuse, for every row of its route table. */
import { readFileSync } from 'node:fs';
import type { SchemaObject } from 'ajv';
import { isObject, parseJsonObject, tryJson } from '../../../openstack/body.js';
import { Fault } from '../../../openstack/faults.js';
import { addFormat, bodyCheck, queryCheck } from '../../../openstack/nova-schema.js';
import type { Asked, Route } from '../../../openstack/route.js';

/** From minor to minor (null: for good) of the microversions, and which schema that is. */
type Row = readonly [number, number | null, number];

/** As `test/calibration/dump-schemas.py` prints them. */
interface Dump {
  /** `POST /servers/{id}`; of an action also its word: `POST /servers/{id}/action#lock`. */
  readonly routes: Readonly<Record<string, { readonly query?: readonly Row[]; readonly body?: readonly Row[] }>>;
  readonly schemas: readonly SchemaObject[];
}

const shorter =
  (most: number, least = 0) =>
  (text: string): boolean =>
    text.trim().length >= least && text.trim().length <= most;
const amongWords =
  (...words: readonly string[]) =>
  (text: string): boolean =>
    text === '' || words.includes(text.toLowerCase());

/** @see openstack/cinder:cinder/api/validation/validators.py */
const cinderFormats: Readonly<Record<string, (text: string) => boolean>> = {
  name: (text) => text.trim() !== '',
  name_skip_leading_trailing_spaces: shorter(255, 1),
  name_non_mandatory_remove_white_spaces: shorter(255),
  description_non_mandatory_remove_white_spaces: shorter(255),
  availability_zone: shorter(255, 1),
  group_type: shorter(255, 1),
  disabled_reason: shorter(255, 1),
  key_size: (text) => /^\d+$/.test(text),
  level: amongWords('debug', 'info', 'warning', 'error', 'critical'),
  progress: (text) => text === '' || /^(\d\d?|100)%$/.test(text),
  volume_status: amongWords(
    'creating',
    'available',
    'deleting',
    'error',
    'error_deleting',
    'error_managing',
    'managing',
    'attaching',
    'in-use',
    'detaching',
    'maintenance',
    'restoring-backup',
    'error_restoring',
    'reserved',
    'awaiting-transfer',
    'backing-up',
    'error_backing-up',
    'error_extending',
    'downloading',
    'uploading',
    'retyping',
    'extending',
  ),
  volume_attach_status: amongWords('attached', 'detached'),
  volume_migration_status: amongWords('migrating', 'error', 'success', 'completing', 'none', 'starting'),
  snapshot_status: amongWords(
    'error',
    'available',
    'creating',
    'deleting',
    'deleted',
    'updating',
    'error_deleting',
    'unmanaging',
    'backing-up',
    'restoring',
  ),
  backup_status: amongWords('available', 'error'),
};
for (const [name, check] of Object.entries(cinderFormats)) addFormat(`cinder ${name}`, check);
// Those of whole objects are left to the operations.
for (const name of [
  'quota_set',
  'quota_class_set',
  'validate_volume_reset_body',
  'group_status',
  'group_snapshot_status',
])
  addFormat(`cinder ${name}`, () => true);

/** Read and compiled when they are first needed, then kept for all clouds of this process. */
class RequestSchemas {
  private readonly bodies = new Map<number, (body: unknown) => void>();
  private readonly queries = new Map<number, (query: URLSearchParams) => void>();
  private read:
    { readonly routes: ReadonlyMap<string, Dump['routes'][string]>; readonly schemas: Dump['schemas'] } | undefined;

  /** @param newest minor of the last microversion that they know; what came later is not checked */
  constructor(
    private readonly file: string,
    private readonly newest: number,
  ) {}

  get routes(): string[] {
    return [...this.all.routes.keys()];
  }

  /** @throws Fault 400 */
  checkQuery(route: string, minor: number, query: URLSearchParams): void {
    for (const at of this.of(route, 'query', minor)) this.query(at)(query);
  }

  /** @throws Fault 400 */
  checkBody(route: string, minor: number, body: unknown): void {
    for (const at of this.of(route, 'body', minor)) this.body(at)(body);
  }

  hasBody(route: string): boolean {
    return this.all.routes.get(shapeOf(route))?.body !== undefined;
  }

  private of(route: string, part: 'query' | 'body', minor: number): number[] {
    if (minor > this.newest) return [];
    const rows = this.all.routes.get(shapeOf(route))?.[part] ?? [];
    return rows.filter(([least, most]) => minor >= least && (most === null || minor <= most)).map(([, , at]) => at);
  }

  private get all() {
    if (this.read) return this.read;
    const dump = JSON.parse(readFileSync(new URL(this.file, import.meta.url), 'utf8')) as Dump;
    const routes = new Map(Object.entries(dump.routes).map(([name, parts]) => [shapeOf(name), parts]));
    return (this.read = { routes, schemas: dump.schemas });
  }

  private query(at: number) {
    const known = this.queries.get(at) ?? queryCheck(this.all.schemas[at]!);
    this.queries.set(at, known);
    return known;
  }

  private body(at: number) {
    const known = this.bodies.get(at) ?? bodyCheck(this.all.schemas[at]!);
    this.bodies.set(at, known);
    return known;
  }
}

/** The same route, however its parameters are called. */
const shapeOf = (route: string): string => route.replace(/\{\w+\}/g, '{}');

export const novaSchemas = new RequestSchemas('nova-zed.json', 93);
export const cinderSchemas = new RequestSchemas('cinder-zed.json', 70);

/** The same rows, which refuse what the schemas refuse before anything else is looked at. */
export const checkedBy = (schemas: RequestSchemas, routes: readonly Route[]): Route[] =>
  routes.map((row) => {
    const name = `${row.method} ${row.path}`;
    const run = async (asked: Asked) => {
      const minor = asked.microversion?.minor ?? 0;
      schemas.checkQuery(name, minor, asked.query);
      return row.run(
        row.method === 'GET' || row.method === 'DELETE' ? asked : await withCheckedBody(schemas, name, minor, asked),
      );
    };
    return { ...row, run };
  });

async function withCheckedBody(schemas: RequestSchemas, name: string, minor: number, asked: Asked): Promise<Asked> {
  const isAction = name.endsWith('/action');
  if (!isAction && !schemas.hasBody(name)) return asked;
  const raw = await asked.readBody();
  const given = { ...asked, readBody: async () => raw };
  const readJson = async () => parseJsonObject(raw, asked.headers['content-type']);
  if (raw.length === 0) return { ...given, readJson };
  const parsed = tryJson(raw);
  if (!isAction && parsed !== undefined && !isObject(parsed)) schemas.checkBody(name, minor, parsed);
  const body = await readJson();
  const [word, ...more] = Object.keys(body);
  // @see openstack/nova:nova/api/openstack/wsgi.py action_peek
  if (isAction && (word === undefined || more.length > 0)) throw new Fault('bad-request', 'Malformed request body');
  schemas.checkBody(isAction ? `${name}#${word ?? ''}` : name, minor, body);
  return { ...given, readJson: async () => body };
}
