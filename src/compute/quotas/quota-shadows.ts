/** Quotas are the cascade's; every site holds a copy, which is brought up to date here. */
import { isOk } from '../../openstack/message.js';
import { alone } from '../../routing/alone.js';
import { askAsAdmin, faultWords } from '../../routing/speaker.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';

export const quotaKind = 'compute_quota';
export const quotaClassKind = 'compute_quota_class';

/** `{cores: 20}`: only what was set; -1 is no limit. */
export type Quota = Record<string, number>;

/** A project's quota, or that of one of its users. */
export const quotaId = (projectId: string, userId?: string | null): string =>
  userId ? `${projectId}/${userId}` : projectId;

interface Difference {
  readonly kind: string;
  readonly id: string;
  readonly wanted: Quota;
  readonly seen: Quota | null;
  readonly is_deleted: boolean;
}

/**
 * Gives a site the quotas it lacks, and takes away those that were deleted while it was silent: one change at a time, so
 * that an older one that is slow does not come after a newer one.
 */
export async function reconcileQuotas(world: World, site: Site): Promise<void> {
  if ((await differences(world, site)).length === 0) return;
  await alone(world, `${quotaKind} at ${site.id}`, async () => {
    for (const difference of await differences(world, site)) {
      if (difference.is_deleted) await removeQuota(world, site, difference.id);
      else await push(world, site, difference);
    }
  });
}

const differences = (world: World, site: Site): Promise<Difference[]> =>
  world.database.many<Difference>(
    `select g.kind, g.id, g.body->'quota_set' as wanted, s.seen, g.deleted_at is not null as is_deleted
       from global_resource g
       left join shadow s on s.kind = g.kind and s.global_id = g.id and s.site_id = $1
      where g.kind in ('compute_quota', 'compute_quota_class')
        and case when g.deleted_at is null then s.seen is distinct from g.body->'quota_set' or s.making_since is not null
                 else s.site_id is not null end
      order by g.deleted_at is null, g.id`,
    [site.id],
  );

/** Gives one quota to every other site that answers; the reconciler finishes the rest. */
export async function shareQuotas(world: World): Promise<void> {
  await Promise.all(
    world.sites.answering('compute').map((site) =>
      reconcileQuotas(world, site).catch((error: unknown) => {
        world.log.warn(
          { event: 'quota.not_shared', site: site.name, reason: (error as Error).message },
          'quota not shared',
        );
      }),
    ),
  );
}

async function push(world: World, site: Site, { kind, id, wanted, seen }: Difference): Promise<void> {
  const isStale = Object.keys(seen ?? {}).some((resource) => !(resource in wanted));
  if (isStale) await removeQuota(world, site, id);
  if (!(await world.globals.beginShadow(kind, id, site.id))) return; // deleted meanwhile
  const { status, body } =
    kind === quotaClassKind
      ? await askAsAdmin(site, 'compute', 'PUT', `/os-quota-class-sets/${encodeURIComponent(id)}`, {
          body: { quota_class_set: wanted },
        })
      : // What is used over all sites was compared with it before; one site's share of that is no reason to refuse.
        await askAsAdmin(site, 'compute', 'PUT', pathOf(id), {
          query: queryOf(id),
          body: { quota_set: { ...wanted, force: true } },
        });
  // What is refused is not tried again until it changes: the project may have gone from Keystone meanwhile.
  if (status < 300 || status === 400) await world.globals.putShadow(kind, id, site.id, id, wanted);
  if (status < 300) return;
  world.log.warn(
    { event: 'quota.refused', kind, id, site: site.name, reason: faultWords(body) },
    'quota refused by a site',
  );
}

/** Nova deletes the quotas of a project's users with the project's. */
async function removeQuota(world: World, site: Site, id: string): Promise<void> {
  const { response } = await askAsAdmin(site, 'compute', 'DELETE', pathOf(id), { query: queryOf(id) });
  if (!isOk(response)) return;
  for (const shadow of await world.globals.shadowsAt(quotaKind, site.id)) {
    const isIts = shadow.global_id === id || shadow.global_id.startsWith(`${id}/`);
    if (isIts) await world.globals.removeShadow(quotaKind, shadow.global_id, site.id);
  }
}

const pathOf = (id: string): string => `/os-quota-sets/${encodeURIComponent(id.split('/')[0] ?? '')}`;
const queryOf = (id: string): string => {
  const [, userId] = id.split('/');
  return userId ? `user_id=${encodeURIComponent(userId)}` : '';
};
