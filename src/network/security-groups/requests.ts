/** What the cascade itself asks a site's Neutron for. */
import { bodyOf, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { SiteRefused } from '../../globals/global-kind.js';
import type { Body } from '../../resources/kind.js';
import { askAsAdmin, faultWords } from '../../routing/ask-as-admin.js';
import type { Homed } from '../../routing/homed.js';
import { SiteUnreachable, type Site } from '../../sites/site.js';
import type { QuotaRoom } from '../quota-room.js';

/** One of a collection; undefined where there is none. @throws SiteUnreachable, also where the site does not tell */
export async function readOne(site: Site, path: string, key: string): Promise<Body | undefined> {
  const { status, body } = await askAsAdmin(site, 'network', 'GET', path);
  if (status === 404) return undefined;
  if (status === 200) return body[key] as Body;
  throw new SiteUnreachable(site.name, false, `${path}: ${status} ${faultWords(body)}`);
}

/** Those of a collection that a query asks for. @throws SiteUnreachable, also where the site does not tell */
export async function readMany(site: Site, path: string, keys: string, query: Record<string, string>): Promise<Body[]> {
  const options = { query: new URLSearchParams(query).toString() };
  const { status, body } = await askAsAdmin(site, 'network', 'GET', path, options);
  if (status !== 200) throw new SiteUnreachable(site.name, false, `${path}: ${status} ${faultWords(body)}`);
  return body[keys] as Body[];
}

export interface Making {
  readonly site: Site;
  readonly path: string;
  readonly body: Body;
  /** Whose it will be, and what of it has a quota: copies leave the tenant's own as it is. */
  readonly projectId: string;
  readonly resource: string;
  readonly count: number;
}

/** Makes something in the name of the site's administrator, for a project. @throws SiteRefused, SiteUnreachable */
export async function make(room: QuotaRoom, { site, path, body, ...needs }: Making): Promise<Body> {
  const ask = () => askAsAdmin(site, 'network', 'POST', path, { body });
  let answer = await ask();
  if (isOverQuota(answer.response) && (await room.extend(site, needs))) answer = await ask();
  if (answer.status < 300) return answer.body;
  throw new SiteRefused(site, answer.status, faultWords(answer.body));
}

/** Makes a copy of what is homed. @throws SiteRefused, SiteUnreachable */
export async function makeCopy(
  room: QuotaRoom,
  { kind, projectId }: Homed,
  { site, path, fields }: { readonly site: Site; readonly path: string; readonly fields: Body },
): Promise<Body> {
  const body = { [kind]: { ...fields, tenant_id: projectId } };
  return (await make(room, { site, path, body, projectId, resource: kind, count: 1 }))[kind] as Body;
}

/** @see openstack/neutron-lib:neutron_lib/exceptions/__init__.py OverQuota */
export function isOverQuota(response: OpenStackResponse): boolean {
  if (response.status !== 409) return false;
  const body = bodyOf(response) as { NeutronError?: { type?: string } } | undefined;
  return body?.NeutronError?.type === 'OverQuota';
}
