/** What a service says about itself. */
import { bodyOf } from '../message.js';
import type { HttpClient } from './http.js';

export interface VersionRange {
  readonly min: string;
  readonly max: string;
}

interface VersionEntry {
  id?: string;
  version?: string;
  max_version?: string;
  min_version?: string;
}

/** The widest microversion range a service's root document names; undefined for services without microversions. @throws NoAnswer */
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
  const document = bodyOf(response) as
    { versions?: VersionEntry[] | { values: VersionEntry[] }; version?: VersionEntry } | undefined;
  // keystoneauth's order: versions.values, versions, version
  const listed = document?.versions;
  const entries = Array.isArray(listed) ? listed : (listed?.values ?? (document?.version ? [document.version] : []));
  for (const entry of entries) {
    const max = entry.max_version ?? entry.version;
    if (max && entry.min_version) return { min: entry.min_version, max };
  }
  return undefined;
}

/** Aliases of Neutron's extensions, sorted; undefined where it answers with no list. @throws NoAnswer */
export async function discoverExtensions(
  http: HttpClient,
  root: string,
  token: string,
  deadlineMs: number,
): Promise<string[] | undefined> {
  const headers = { accept: 'application/json', 'x-auth-token': token };
  const response = await http.send({ method: 'GET', url: `${root}/v2.0/extensions`, headers, deadlineMs });
  const { extensions } = (bodyOf(response) ?? {}) as { extensions?: { alias: string }[] };
  return Array.isArray(extensions) ? extensions.map(({ alias }) => alias).sort() : undefined;
}
