/** One site speaks for all: it is asked in the caller's name, and its ids are said as the cascade's. */
import type { OpenStackResponse } from '../../openstack/message.js';
import type { Answer, Asked } from '../../openstack/route.js';
import { callSite } from '../../routing/site-call.js';
import type { World } from '../../routing/world.js';
import { noZoneAnswers, SiteUnreachable, type Site } from '../../sites/site.js';
import { idsAt } from './ids.js';
import { kindNames } from './kinds.js';

/** `GET /types`: the speaker's answer. */
export const readMirrored =
  (world: World): Answer =>
  async (asked) =>
    (await speak(world, asked)).response;

/**
 * The answer of the first site that takes the request.
 * @param typeId where the request changes a volume type: a site that has volumes of it speaks first, since it alone
 *   knows that a type in use must not be changed
 * @throws Fault 503 where no site answers
 */
export async function speak(
  world: World,
  asked: Asked,
  raw?: Buffer,
  typeId?: string,
): Promise<{ site: Site; response: OpenStackResponse }> {
  const reads = asked.method === 'GET' || asked.method === 'HEAD';
  for (const site of await speakers(world, typeId)) {
    const { toSite, toGlobal } = await idsAt(world, site);
    try {
      const response = await callSite(asked, site, {
        path: toSite(asked.path),
        query: toSite(asked.rawQuery),
        ...(raw ? { body: Buffer.from(toSite(raw.toString())) } : {}),
      });
      const text = Buffer.isBuffer(response.body) ? Buffer.from(toGlobal(response.body.toString())) : response.body;
      return { site, response: { ...response, body: text } };
    } catch (error) {
      if (!(error instanceof SiteUnreachable) || !(reads || error.notTaken)) throw error;
    }
  }
  throw noZoneAnswers();
}

/** Sites that may speak, the best first: enabled, with nothing outstanding, the oldest. */
export async function speakers(world: World, typeId?: string): Promise<Site[]> {
  const sites = world.sites.answering('volume').filter((site) => site.capabilities.endpoints.volume);
  if (sites.length < 2) return sites;
  const debts = await readDebts(world);
  const users = typeId === undefined ? new Set() : await sitesUsing(world, typeId);
  const rank = (site: Site): number[] => [
    users.has(site.id) ? 0 : 1,
    site.state === 'enabled' ? 0 : 1,
    debts.get(site.id) ?? 0,
    site.id,
  ];
  return sites
    .map((site) => ({ site, rank: rank(site) }))
    .sort((a, b) => compare(a.rank, b.rank))
    .map(({ site }) => site);
}

function compare(a: number[], b: number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/** How many mirrored things each site does not hold as it should. */
export async function readDebts(world: World): Promise<Map<number, number>> {
  const rows = await world.database.many<{ id: number; debts: number }>(
    `select site.id,
            (select count(*) from global_resource g
               left join shadow s on s.kind = g.kind and s.global_id = g.id and s.site_id = site.id
              where g.kind = any($1)
                and (g.deleted_at is null and (s.seen is distinct from g.body or s.last_error is not null)
                  or g.deleted_at is not null and s.site_id is not null)) as debts
       from site`,
    [kindNames],
  );
  return new Map(rows.map((row) => [row.id, row.debts]));
}

async function sitesUsing(world: World, typeId: string): Promise<Set<number>> {
  const rows = await world.database.many<{ site_id: number }>(
    `select distinct site_id from resource
      where kind = 'volume' and deleted_at is null and facts->>'volume_type_id' in (
            select site_resource_id from shadow where kind = 'volume_type' and global_id = $1
            union all select $1::text)`,
    [typeId],
  );
  return new Set(rows.map((row) => row.site_id));
}
