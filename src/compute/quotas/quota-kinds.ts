/** Nova's quotas as an administrator set them: what was not set is each site's own default. */
import { ask, hasLostKeys, must, type GlobalKind } from '../../globals/global-kind.js';
import type { Body } from '../../resources/kind.js';
import type { Site } from '../../sites/site.js';

/** `{cores: 20}`: only what was set; -1 is no limit. */
export type Quota = Record<string, number>;

/** A project's quota, or that of one of its users. */
export const quotaId = (projectId: string, userId?: string | null): string =>
  userId ? `${projectId}/${userId}` : projectId;

const of = (id: string): string => `/os-quota-sets/${encodeURIComponent(id.split('/')[0] ?? '')}`;
const queryOf = (id: string): string => {
  const [, userId] = id.split('/');
  return userId ? `user_id=${encodeURIComponent(userId)}` : '';
};

async function put(site: Site, id: string, body: Body): Promise<void> {
  // What is used over all sites was compared with it before; one site's share of that is no reason to refuse.
  const quota = { quota_set: { ...body, force: true } };
  await must(site, 'compute', 'PUT', of(id), { query: queryOf(id), body: quota });
}

export const computeQuotas: GlobalKind = {
  kind: 'compute_quota',
  service: 'compute',
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
  remove: async (site, id) => void (await ask(site, 'compute', 'DELETE', of(id), { query: queryOf(id) })),
  // Nova deletes the quotas of a project's users with the project's.
  contains: (id, other) => other.startsWith(`${id}/`),
  isFinal: (status) => status === 400, // Keystone no longer knows the project
};

const classOf = (id: string): string => `/os-quota-class-sets/${encodeURIComponent(id)}`;

export const computeQuotaClasses: GlobalKind = {
  kind: 'compute_quota_class',
  service: 'compute',
  ids: 'chosen',
  presence: 'everywhere',
  read: async (site, id) => {
    const set = (await ask(site, 'compute', 'GET', classOf(id)))?.['quota_class_set'] as Body | undefined;
    const { id: _id, ...limits } = set ?? {};
    return set && limits;
  },
  create: async (site, { id, body }) => {
    await must(site, 'compute', 'PUT', classOf(id), { body: { quota_class_set: body } });
    return { id, made: body };
  },
  update: async (site, id, _from, to) =>
    void (await must(site, 'compute', 'PUT', classOf(id), { body: { quota_class_set: to } })),
  remove: () => Promise.resolve(), // Nova deletes none
};
