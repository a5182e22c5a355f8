/** What Nova's own schemas of its responses say, of release 2026.2 and of all its microversions. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { Ajv, type SchemaObject, type ValidateFunction } from 'ajv';

/** As `test/calibration/dump-schemas.py nova response` prints them. */
const dump = JSON.parse(readFileSync(new URL('nova-responses.json', import.meta.url), 'utf8')) as {
  routes: Record<string, { response: [number, number | null, number][] }>;
  schemas: SchemaObject[];
};
const formats = { ipv4: (text: string) => isIP(text) === 4, ipv6: (text: string) => isIP(text) === 6 };
const ajv = new Ajv({ strict: false, formats, logger: false, unicodeRegExp: false });
const compiled = new Map<number, ValidateFunction>();

/** What Nova's own schema of a response finds wrong with one. */
export function wrongWith(route: string, minor: number, body: unknown): unknown {
  const row = dump.routes[route]!.response.find(([least, most]) => minor >= least && (most === null || minor <= most))!;
  const validate = compiled.get(row[2]) ?? ajv.compile(dump.schemas[row[2]]!);
  compiled.set(row[2], validate);
  return validate(body) ? [] : validate.errors;
}
