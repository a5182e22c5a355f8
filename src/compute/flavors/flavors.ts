/** Flavors: global, with the same id in every site. */
import { Fault } from '../../openstack/faults.js';
import { tryJson } from '../../openstack/body.js';
import { isOk, type OpenStackResponse } from '../../openstack/message.js';
import type { Caller } from '../../openstack/caller.js';
import type { Answer, Asked } from '../../openstack/route.js';
import type { Body } from '../../resources/kind.js';
import type { GlobalRow, Version } from '../../resources/global.js';
import { alone } from '../../routing/alone.js';
import { askAsAdmin, faultWords, speaker } from '../../routing/speaker.js';
import { callSite } from '../../routing/site-call.js';
import type { ShadowMaker } from '../../routing/shadows.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';

export const kind = 'flavor';
/** The first microversion whose flavor carries description and extra specs. */
export const microversion = '2.61';

/** What makes two flavors the same; nothing of it but the description can be changed once a flavor exists. */
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

/** Passes a write to the speaker and keeps what it then holds. */
export function writeFlavor(world: World): Answer {
  return async (asked) => {
    const raw = await asked.readBody();
    return alone(world, kind, () => speakAndKeep(world, asked, raw));
  };
}

async function speakAndKeep(world: World, asked: Asked, raw: Buffer): Promise<OpenStackResponse> {
  const id = asked.params['flavor_id'];
  const site = speaker(world, 'compute');
  await prepare(world, id ?? idIn(raw), site);
  const readAt = await world.globals.version();
  const response = await callSite(asked, site, { body: raw });
  if (!isOk(response)) return response;
  const isWhole = asked.path === `/flavors/${encodeURIComponent(id ?? '')}`;
  if (asked.method === 'DELETE' && isWhole) await deleteFlavor(world, id ?? '');
  else await keep(world, site, id ?? createdId(response.body as Buffer), readAt);
  return response;
}

const createdId = (raw: Buffer): string => (JSON.parse(raw.toString()) as { flavor: { id: string } }).flavor.id;

/** The id that a create asks for; Nova chooses one where it asks for none. */
function idIn(raw: Buffer): string | undefined {
  const body = tryJson(raw) as { flavor?: { id?: unknown } } | undefined;
  const id = body?.flavor?.id;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
}

/** The site that speaks has what the cascade has, and nothing that was deleted while it was silent. */
async function prepare(world: World, id: string | undefined, site: Site): Promise<void> {
  if (id === undefined) return;
  if (await world.globals.find(kind, id)) await ensureHeld(world, id, site);
  else await removeFrom(world, site, id);
}

async function keep(world: World, site: Site, id: string, readAt: Version): Promise<void> {
  const flavor = await readFlavor(site, id);
  if (!flavor) return;
  if (await world.globals.put(kind, id, null, flavor, readAt))
    await world.globals.putShadow(kind, id, site.id, id, flavor);
}

async function deleteFlavor(world: World, id: string): Promise<void> {
  await world.globals.remove(kind, id);
  // At the speaker too: a server's request may have made it there again in the meantime. What is silent now is finished by
  // the reconciler.
  const sites = world.sites.answering('compute');
  await Promise.all(sites.map((site) => removeFrom(world, site, id).catch(() => undefined)));
}

export async function removeFrom(world: World, site: Site, id: string): Promise<void> {
  if (!(await world.globals.shadow(kind, id, site.id))) return;
  const { status } = await askAsAdmin(site, 'compute', 'DELETE', `/flavors/${encodeURIComponent(id)}`);
  if (status < 300 || status === 404) await world.globals.removeShadow(kind, id, site.id);
}

async function readFlavor(site: Site, id: string): Promise<Flavor | undefined> {
  const path = `/flavors/${encodeURIComponent(id)}`;
  const { status, body } = await askAsAdmin(site, 'compute', 'GET', path, { microversion });
  if (status !== 200) return undefined;
  return complete(site, body['flavor'] as Body);
}

/** With the projects that may use it, which costs a request of its own where it is private. */
export async function complete(site: Site, body: Body): Promise<Flavor> {
  return withAccess(body, body['os-flavor-access:is_public'] ? [] : await accessOf(site, String(body['id'])));
}

export function withAccess({ links: _links, ...flavor }: Body, access: string[]): Flavor {
  return { extra_specs: {}, ...flavor, access } as unknown as Flavor;
}

async function accessOf(site: Site, id: string): Promise<string[]> {
  const { body } = await askAsAdmin(site, 'compute', 'GET', `/flavors/${encodeURIComponent(id)}/os-flavor-access`);
  return ((body['flavor_access'] ?? []) as { tenant_id: string }[]).map((one) => one.tenant_id).sort();
}

/** Makes sure that a site has a flavor as the cascade has it. One the cascade does not know is left to the site's own 404. */
async function ensureFlavor(world: World, id: string, site: Site): Promise<void> {
  if (await needsFlavor(world, id, site)) await alone(world, kind, () => ensureHeld(world, id, site));
}

async function ensureHeld(world: World, id: string, site: Site): Promise<void> {
  const needed = await needsFlavor(world, id, site);
  if (needed) await converge(world, site, needed.row, needed.shadow !== undefined);
}

async function needsFlavor(world: World, id: string, site: Site) {
  const row = await world.globals.find(kind, id);
  if (!row) return undefined;
  const shadow = await world.globals.shadow(kind, id, site.id);
  return shadow && same(shadow.seen, row.body) ? undefined : { row, shadow };
}

/** @param ours true where a shadow tells that the site has it from the cascade */
export async function converge(world: World, site: Site, row: GlobalRow, ours: boolean): Promise<void> {
  const wanted = row.body as Flavor;
  let seen = await readFlavor(site, row.id);
  const differs = seen && fixed.some((field) => JSON.stringify(seen?.[field]) !== JSON.stringify(wanted[field]));
  if (differs && !ours) {
    // Another cloud's flavor of the same id, from before it became a site: not ours to overwrite.
    throw new Fault(
      'conflict',
      `Flavor ${row.id} means something else in availability zone ${site.name}. Rename or remove it there.`,
    );
  }
  if (differs) {
    await askAsAdmin(site, 'compute', 'DELETE', `/flavors/${encodeURIComponent(row.id)}`);
    seen = undefined;
  }
  if (!seen) {
    if (!(await world.globals.beginShadow(kind, row.id, site.id))) return; // deleted meanwhile
    seen = await create(world, site, wanted);
  }
  await alignDetails(site, wanted, seen);
  await world.globals.putShadow(kind, row.id, site.id, row.id, wanted);
  // It may have been deleted in the meantime, by who did not see this shadow yet.
  if (!(await world.globals.find(kind, row.id))) await removeFrom(world, site, row.id);
}

async function create(world: World, site: Site, wanted: Flavor): Promise<Flavor> {
  const {
    links: _links,
    extra_specs: _specs,
    access: _access,
    'OS-FLV-DISABLED:disabled': _disabled,
    ...flavor
  } = wanted;
  const body = { flavor: { ...flavor, swap: wanted['swap'] || 0, rxtx_factor: wanted['rxtx_factor'] ?? 1 } };
  const answer = await askAsAdmin(site, 'compute', 'POST', '/flavors', { microversion, body });
  if (answer.status >= 400 && answer.status !== 409) {
    if (answer.status < 500) await world.globals.removeShadow(kind, wanted.id, site.id, true);
    throw new Fault(
      'conflict',
      `Availability zone ${site.name} does not take flavor ${wanted.id}: ${faultWords(answer.body)}`,
    );
  }
  return { ...wanted, extra_specs: {}, access: [] };
}

/** Description, extra specs and access: what can be changed in place. */
async function alignDetails(site: Site, wanted: Flavor, seen: Flavor): Promise<void> {
  const path = `/flavors/${encodeURIComponent(wanted.id)}`;
  const ask = (method: string, below: string, body?: unknown) =>
    askAsAdmin(site, 'compute', method, path + below, { microversion, body });
  if ((wanted['description'] ?? null) !== (seen['description'] ?? null)) {
    await ask('PUT', '', { flavor: { description: wanted['description'] ?? null } });
  }
  if (JSON.stringify(wanted.extra_specs) !== JSON.stringify(seen.extra_specs)) {
    for (const key of Object.keys(seen.extra_specs)) {
      if (!(key in wanted.extra_specs)) await ask('DELETE', `/os-extra_specs/${encodeURIComponent(key)}`);
    }
    if (Object.keys(wanted.extra_specs).length > 0)
      await ask('POST', '/os-extra_specs', { extra_specs: wanted.extra_specs });
  }
  for (const tenant of wanted.access.filter((one) => !seen.access.includes(one)))
    await ask('POST', '/action', { addTenantAccess: { tenant } });
  for (const tenant of seen.access.filter((one) => !wanted.access.includes(one)))
    await ask('POST', '/action', { removeTenantAccess: { tenant } });
}

/** What jsonb holds the same. */
export const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);
// Key order is no difference: jsonb keeps its own.
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

export const flavorShadows = (world: World): ShadowMaker => ({
  kind,
  ensure: async (named: string, site: Site, _caller: Caller) => {
    // A link instead of an id is as good to Nova: `http://…/flavors/1`.
    const id = named.includes('/') ? (named.split('/').at(-1) ?? named) : named;
    await ensureFlavor(world, id, site);
    return id;
  },
});
