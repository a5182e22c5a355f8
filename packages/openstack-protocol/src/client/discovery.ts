/** What a service says about itself. */
import { bodyOf } from '../message.js';
import { atLeast, parseMicroversion } from '../microversion.js';
import { isObject } from '../server/body.js';
import type { HttpClient } from './http.js';

export interface VersionRange {
  readonly min: string;
  readonly max: string;
}

/**
 * The widest microversion range a service's root document names; undefined for services without microversions, and for a
 * document that makes no sense: a balancer's page, versions that are none. @throws NoAnswer
 */
export async function discoverMicroversions(
  http: HttpClient,
  root: string,
  deadlineMs: number,
): Promise<VersionRange | undefined> {
  const response = await http.send({
    method: 'GET',
    url: `${root}/`,
    headers: { accept: 'application/json' },
    deadlineMs,
  });
  const ranges = entriesOf(bodyOf(response)).flatMap((entry) => rangeOf(entry) ?? []);
  return ranges[0];
}

/** keystoneauth's order: versions.values, versions, version. */
function entriesOf(document: unknown): readonly unknown[] {
  if (!isObject(document)) return [];
  const { versions, version } = document;
  const listed = isObject(versions) ? versions['values'] : versions;
  if (Array.isArray(listed)) return listed;
  return version === undefined ? [] : [version];
}

function rangeOf(entry: unknown): VersionRange | undefined {
  if (!isObject(entry)) return undefined;
  const [min, max] = [entry['min_version'], entry['max_version'] ?? entry['version']];
  const isRange = [min, max].every((one) => typeof one === 'string' && parseMicroversion(one) !== undefined);
  if (!isRange || !atLeast(parseMicroversion(max as string), min as string)) return undefined;
  return { min: min as string, max: max as string };
}

/** Aliases of the extensions that a service lists at a URL, sorted; undefined where it answers with no list. @throws NoAnswer */
export async function discoverExtensions(
  http: HttpClient,
  url: string,
  token: string,
  deadlineMs: number,
): Promise<string[] | undefined> {
  const headers = { accept: 'application/json', 'x-auth-token': token };
  const response = await http.send({ method: 'GET', url, headers, deadlineMs });
  const body = bodyOf(response);
  const extensions = isObject(body) ? body['extensions'] : undefined;
  if (!Array.isArray(extensions)) return undefined;
  return extensions.flatMap((one) => (isObject(one) && typeof one['alias'] === 'string' ? [one['alias']] : [])).sort();
}
