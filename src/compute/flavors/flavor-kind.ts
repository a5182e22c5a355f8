/** Flavors as the sites hold them: under the same id everywhere. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import {
  ask,
  difference,
  fieldsOf,
  isSame,
  must,
  SiteRefused,
  type Found,
  type GlobalKind,
} from '../../globals/global-kind.js';
import type { Body } from '../../resources/kind.js';
import { speaks, type Site } from '../../sites/site.js';

/** The first microversion whose flavor carries description and extra specs. */
const microversion = '2.61';
/** The first in which a flavor has a description at all. */
const descriptionsSince = '2.55';

/** What makes two flavors the same; nothing of it can be changed once a flavor exists. */
const fixed = [
  'name',
  'vcpus',
  'ram',
  'disk',
  'OS-FLV-EXT-DATA:ephemeral',
  'swap',
  'rxtx_factor',
  'os-flavor-access:is_public',
];

/** A flavor as the cascade keeps it: Nova's body at 2.61, and the projects that may use it if it is private. */
export type Flavor = Body & { id: string; extra_specs: Record<string, string>; access: string[] };

const of = (id: string): string => `/flavors/${encodeURIComponent(id)}`;
const isPrivate = (body: Body): boolean => body['os-flavor-access:is_public'] === false;
const isOther = (a: Body, b: Body): boolean => fixed.some((field) => !isSame(a[field], b[field]));

export const flavors: GlobalKind = {
  kind: 'flavor',
  service: 'compute',
  ids: 'chosen',
  presence: 'everywhere',
  spread: 'later',
  list,
  sameness: ({ id }) => id,
  find: async (site, { id }) => {
    const body = await read(site, id);
    return body && { id, body };
  },
  adopt: (site, { id, body }, found) => {
    if (!isOther(found.body, body)) return found.body;
    // Another cloud's flavor of the same id, from before it became a site: not ours to overwrite.
    const words = `Flavor ${id} means something else in availability zone ${site.name}. Rename or remove it there.`;
    throw new Fault('conflict', words);
  },
  read,
  create,
  update,
  mustReplace: isOther,
  remove: async (site, id) => void (await ask(site, 'compute', 'DELETE', of(id))),
};

async function read(site: Site, id: string): Promise<Flavor | undefined> {
  const flavor = (await ask(site, 'compute', 'GET', of(id), { microversion }))?.['flavor'] as Body | undefined;
  if (!flavor) return undefined;
  const access = isPrivate(flavor) ? await accessOf(site, id) : [];
  return { extra_specs: await specsOf(site, id, flavor), ...shown(flavor), access };
}

const shown = ({ links: _links, ...flavor }: Body): Body & Pick<Flavor, 'id'> => flavor as Body & Pick<Flavor, 'id'>;

/** A site that is older than their microversion shows them in a place of their own. */
async function specsOf(site: Site, id: string, { extra_specs: told }: Body): Promise<Flavor['extra_specs']> {
  const specs = told ?? (await ask(site, 'compute', 'GET', `${of(id)}/os-extra_specs`))?.['extra_specs'];
  return (specs ?? {}) as Flavor['extra_specs'];
}

async function accessOf(site: Site, id: string): Promise<string[]> {
  const body = await ask(site, 'compute', 'GET', `${of(id)}/os-flavor-access`);
  return ((body?.['flavor_access'] ?? []) as { tenant_id: string }[]).map((one) => one.tenant_id).sort();
}

/**
 * The list does not tell who may use a private flavor, nor an older site's the extra specs. One of them is asked for it in each round, so that what an operator
 * changes at a site is found, and however many there are it costs the site one request a round.
 */
async function list(site: Site): Promise<Found[]> {
  const query = 'is_public=none&limit=1000';
  const body = await must(site, 'compute', 'GET', '/flavors/detail', { microversion, query });
  const all = ((body['flavors'] ?? []) as Body[]).map(shown);
  const asked = nextPrivate(site, all);
  const access = asked === undefined ? [] : await accessOf(site, asked);
  return all.map((flavor) => ({
    id: flavor.id,
    body: flavor.id === asked ? { ...flavor, access } : isPrivate(flavor) ? flavor : { ...flavor, access: [] },
  }));
}

// Which private flavor was last asked for its projects. Lost with the process, which then begins again: no harm.
const lastAsked = new WeakMap<Site, string>();

function nextPrivate(site: Site, all: readonly (Body & { id: string })[]): string | undefined {
  const ids = all
    .filter(isPrivate)
    .map(({ id }) => id)
    .sort();
  const last = lastAsked.get(site);
  const next = ids.find((id) => last === undefined || id > last) ?? ids[0];
  if (next !== undefined) lastAsked.set(site, next);
  return next;
}

async function create(site: Site, { body: wanted }: { body: Body }): Promise<{ id: string; made: Body }> {
  const {
    links: _links,
    extra_specs: _specs,
    access: _access,
    description,
    'OS-FLV-DISABLED:disabled': _disabled,
    ...fields
  } = wanted as Flavor;
  const described = canDescribe(site) ? { description } : {};
  const flavor = { ...fields, ...described, swap: fields['swap'] || 0, rxtx_factor: fields['rxtx_factor'] ?? 1 };
  // That it exists is no error: the response to an earlier attempt was lost.
  await orConflict(must(site, 'compute', 'POST', '/flavors', { microversion, body: { flavor } }));
  return { id: String(fields.id), made: { ...wanted, extra_specs: {}, access: [] } };
}

/** Description, extra specs and access: what can be changed in place. */
async function update(site: Site, id: string, from: Body, to: Body): Promise<void> {
  const change = (method: string, below: string, body?: unknown) =>
    orConflict(ask(site, 'compute', method, of(id) + below, { microversion, ...(body === undefined ? {} : { body }) }));
  const description = to['description'] ?? null;
  if (canDescribe(site) && description !== (from['description'] ?? null))
    await change('PUT', '', { flavor: { description } });
  const specs = difference(fieldsOf(from['extra_specs']), fieldsOf(to['extra_specs']));
  for (const key of specs.gone) await change('DELETE', `/os-extra_specs/${encodeURIComponent(key)}`);
  if (Object.keys(specs.set).length > 0) await change('POST', '/os-extra_specs', { extra_specs: specs.set });
  const wanted = (to['access'] ?? []) as string[];
  const seen = (from['access'] as string[] | undefined) ?? (isPrivate(to) ? await accessOf(site, id) : []);
  for (const tenant of wanted.filter((one) => !seen.includes(one)))
    await change('POST', '/action', { addTenantAccess: { tenant } });
  for (const tenant of seen.filter((one) => !wanted.includes(one)))
    await change('POST', '/action', { removeTenantAccess: { tenant } });
}

/** What an older site cannot be told, it cannot show either: tenants see the flavor of the cascade. */
const canDescribe = (site: Site): boolean => speaks(site, 'compute', descriptionsSince);

/** Done already. */
const orConflict = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => {
    if (error instanceof SiteRefused && error.statusAtSite === 409) return undefined;
    throw error;
  });
