/** Neutron's quotas as an administrator set them, of one project each. */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { ask, hasLostKeys, must, type GlobalKind } from '../globals/global-kind.js';
import { differing, quotasUntold, type QuotaSource } from '../globals/adopt-quotas.js';
import type { Body } from '../resources/kind.js';
import { askAsAdmin } from '../routing/ask-as-admin.js';
import type { Site } from '../sites/site.js';
import { QuotaRoom } from './quota-room.js';

const of = (id: string): string => `/quotas/${encodeURIComponent(id)}`;

export const limitsOf = (body: unknown): Body => {
  const quota = isObject(body) ? body['quota'] : undefined;
  return isObject(quota) ? limitsIn(quota) : {};
};

/** Whether use is checked is a matter of the one request; whose quota it is stands in the path. */
function limitsIn(quota: Body): Body {
  const { check_limit: _check, force: _force, tenant_id: _tenant, project_id: _project, ...limits } = quota;
  return Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, Number(limit)]));
}

const projectOf = (quota: Body): string => String(quota['project_id'] ?? quota['tenant_id']);

async function put(site: Site, id: string, limits: Body): Promise<void> {
  if (Object.keys(limits).length === 0) return;
  // It was taken where it was asked for, and holds here whatever this site's use.
  const quota = checksUse(site) ? { ...limits, force: true } : limits;
  await must(site, 'network', 'PUT', of(id), { body: { quota } });
}

/** The extension of a Neutron that refuses limits below what is used, unless the request forces them (2025.1). */
export const usualCheck = 'quota-check-limit-default';
export const checksUse = (site: Site): boolean => site.capabilities.networkExtensions.includes(usualCheck);

export const networkQuotas: GlobalKind = {
  kind: 'network_quota',
  service: 'network',
  ids: 'chosen',
  presence: 'everywhere',
  read: () => Promise.resolve(undefined), // it tells no limits that were set from its defaults
  create: async (site, { id, body }) => {
    await put(site, id, body);
    return { id, made: body };
  },
  update: (site, id, _from, to) => put(site, id, to),
  // A single limit cannot be taken back.
  mustReplace: hasLostKeys,
  remove: async (site, id) => void (await ask(site, 'network', 'DELETE', of(id))),
  drift: async (site, { database }) => {
    const quotas = (await ask(site, 'network', 'GET', '/quotas'))?.['quotas'];
    if (!Array.isArray(quotas)) return undefined; // a Neutron without the extension has one quota for all
    const usual = await new QuotaRoom(database).usualAt(site);
    return new Map((quotas as Body[]).map((quota) => [projectOf(quota), usual(projectOf(quota), limitsIn(quota))]));
  },
};

/** Neutron lists the projects that have limits of their own, with all their limits. */
export const ownNetworkLimits: QuotaSource['ownLimits'] = (site) => {
  let listed: Promise<ReadonlyMap<string, Body>> | undefined;
  return async (projectId) => {
    const own = (await (listed ??= listAll(site))).get(projectId);
    if (!own) return undefined;
    const defaults = await askAsAdmin(site, 'network', 'GET', `${of(projectId)}/default`);
    return differing(own, defaults.status === 200 ? limitsOf(defaults.body) : {});
  };
};

async function listAll(site: Site): Promise<ReadonlyMap<string, Body>> {
  const { status, body } = await askAsAdmin(site, 'network', 'GET', '/quotas');
  if (status === 404) return new Map(); // a Neutron without the extension has one quota for all
  if (status !== 200) throw quotasUntold(site, 'network', status, body);
  return new Map(((body['quotas'] ?? []) as Body[]).map((quota) => [projectOf(quota), limitsIn(quota)]));
}
