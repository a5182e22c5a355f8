/** What a service's own request schemas refuse, for every row of its route table. */
import { readFileSync } from 'node:fs';
import type { SchemaObject } from 'ajv';
import { isObject, parseJsonObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyCheck, queryCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import type { Asked, Route } from '@cascade/openstack-protocol/server/route.js';
import { nothing } from '@cascade/openstack-protocol/server/unrouted.js';
import './cinder-formats.js';

/** From minor to minor (null: for good) of the microversions, and which schema that is. */
type Row = readonly [number, number | null, number];

/** As `test/calibration/dump-schemas.py` prints them. */
interface Dump {
  /** `POST /servers/{id}`; of an action also its word: `POST /servers/{id}/action#lock`. */
  readonly routes: Readonly<Record<string, { readonly query?: readonly Row[]; readonly body?: readonly Row[] }>>;
  readonly schemas: readonly SchemaObject[];
}

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

  /** Names of those that the schemas want of values. */
  get formats(): string[] {
    return [...new Set([...JSON.stringify(this.all.schemas).matchAll(/"format":"([^"]*)"/g)].map(([, name]) => name!))];
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
/** Those of a Nova since Zed, some of which are stricter in the older microversions, too. */
export const newerNovaSchemas = new RequestSchemas('nova-2026.2.json', 104);
/** No schema has changed since. */
export const cinderSchemas = new RequestSchemas('cinder-zed.json', 71);

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
  if (isAction) requireDictionary(parsed);
  if (!isAction && parsed !== undefined && !isObject(parsed)) schemas.checkBody(name, minor, parsed);
  const body = await readJson();
  const [word, ...more] = Object.keys(body);
  // @see openstack/nova:nova/api/openstack/wsgi.py action_peek
  if (isAction && (word === undefined || more.length > 0)) throw new Fault('bad-request', 'Malformed request body');
  schemas.checkBody(isAction ? `${name}#${word ?? ''}` : name, minor, body);
  return { ...given, readJson: async () => body };
}

/** A body without keys to count is no action at all. @see openstack/nova:nova/api/openstack/wsgi.py _process_stack */
function requireDictionary(parsed: unknown): void {
  if (parsed === undefined || isObject(parsed)) return;
  const isCounted = (typeof parsed === 'string' || Array.isArray(parsed)) && parsed.length !== 1;
  if (isCounted) throw new Fault('bad-request', 'Malformed request body');
  throw new Fault('not-found', nothing);
}
