/**
 * Brings a site's own group `default` to what the shown one says: what it has too much is removed before what it lacks is
 * added, so that it is never wider than either was.
 */
import type { Logger } from 'pino';
import type { Database } from '../../database/database.js';
import type { Inventory } from '../../resources/inventory.js';
import type { Body, Kind } from '../../resources/kind.js';
import { SiteUnreachable, type Site } from '../../sites/site.js';
import { askAsAdmin, faultWords } from '../../routing/ask-as-admin.js';
import { belongings, differenceOf, fieldsOf, rules, type Belonging } from './belongings.js';
import type { DefaultGroup } from '../../routing/default-groups.js';

export interface ConvergeContext {
  readonly database: Database;
  readonly inventory: Inventory;
  readonly kind: (name: string) => Kind;
  readonly log: Logger;
}

/** Where it follows and what; the ids of the group are the cascade's on both sides. */
export interface Pair {
  readonly group: DefaultGroup;
  /** Whose rules are shown. */
  readonly from: Site;
  readonly to: Site;
}

/** Whether the inventory knows of no difference. */
export async function looksAlike(context: ConvergeContext, { group, from, to }: Pair): Promise<boolean> {
  for (const belonging of belongings) {
    const [wanted, there] = await Promise.all([from, to].map((site) => known(context, belonging, group.id, site)));
    const { extra, missing } = differenceOf(belonging, group.id, wanted!, there!);
    if (extra.length + missing.length > 0) return false;
  }
  const [wanted, there] = await Promise.all(
    [from, to].map((site) => context.inventory.find('security_group', group.id, site.id)),
  );
  return (
    !wanted || !there || statefulOf(JSON.parse(wanted.body) as Body) === statefulOf(JSON.parse(there.body) as Body)
  );
}

/** The same by what the sites themselves say. @throws SiteUnreachable */
export async function isAlike(context: ConvergeContext, { group, from, to }: Pair): Promise<boolean> {
  for (const belonging of belongings) {
    const wanted = await listedOrKnown(context, belonging, group.id, from);
    const { extra, missing } = differenceOf(
      belonging,
      group.id,
      wanted,
      await listed(context, belonging, group.id, to),
    );
    if (extra.length + missing.length > 0) return false;
  }
  return true;
}

/**
 * One at a time for each project: what another one has read before a rule was taken away must not be added after it.
 * @returns false where the site refused a part of it
 * @throws SiteUnreachable
 */
export function converge(context: ConvergeContext, pair: Pair): Promise<boolean> {
  return context.database.locks.hold(`default group of ${pair.group.projectId}`, async () => {
    let isDone = await convergeStateful(context, pair);
    for (const belonging of belongings) isDone = (await convergeOne(context, belonging, pair)) && isDone;
    return isDone;
  });
}

async function convergeOne(
  context: ConvergeContext,
  belonging: Belonging,
  { group, from, to }: Pair,
): Promise<boolean> {
  return bringTo(context, belonging, { group, to, wanted: await listedOrKnown(context, belonging, group.id, from) });
}

/** Gives a site's group rules that it was not made with. The same holds as of `converge`. */
export function giveRules(context: ConvergeContext, to: Site, group: DefaultGroup, wanted: readonly Body[]) {
  return context.database.locks.hold(`default group of ${group.projectId}`, () =>
    bringTo(context, rules, { group, to, wanted }),
  );
}

interface Wanted extends Pick<Pair, 'group' | 'to'> {
  readonly wanted: readonly Body[];
}

async function bringTo(
  context: ConvergeContext,
  belonging: Belonging,
  { group, to, wanted }: Wanted,
): Promise<boolean> {
  const there = await listed(context, belonging, group.id, to);
  const { extra, missing } = differenceOf(belonging, group.id, wanted, there);
  const { collection, key } = context.kind(belonging.kind);
  const kind = context.kind(belonging.kind);
  const refused: string[] = [];
  for (const { id } of extra) {
    const askedAt = new Date();
    const { status, body } = await askAsAdmin(to, 'network', 'DELETE', `${collection}/${String(id)}`);
    if (status < 300 || status === 404) await context.inventory.forget(kind.name, to, [String(id)], askedAt);
    else refused.push(faultWords(body));
  }
  // A site that keeps more than it should is given nothing on top of that.
  if (refused.length === 0) {
    for (const body of missing) {
      const copy = { ...fieldsOf(belonging, body), [belonging.groupField]: group.id, tenant_id: group.projectId };
      const askedAt = new Date();
      const made = await askAsAdmin(to, 'network', 'POST', collection, { body: { [key]: copy } });
      if (made.status < 300) await context.inventory.remember(kind, to, made.body[key] as Body, askedAt, new Date());
      else if (made.status !== 409 || !/already exists/i.test(faultWords(made.body)))
        refused.push(faultWords(made.body));
    }
  }
  report(context, { group, to }, kind.name, refused);
  return refused.length === 0;
}

/** Whether it is stateful: a site in which a port uses it refuses that. */
async function convergeStateful(context: ConvergeContext, pair: Pair): Promise<boolean> {
  const { group, from, to } = pair;
  const path = `/security-groups/${group.id}`;
  const wanted = await statefulAt(context, group.id, from);
  const there = await askAsAdmin(to, 'network', 'GET', path);
  const own = statefulOf(there.body['security_group'] as Body | undefined);
  if (there.status !== 200 || wanted === undefined || own === undefined || own === wanted) return true;
  const { status, body } = await askAsAdmin(to, 'network', 'PUT', path, {
    body: { security_group: { stateful: wanted } },
  });
  report(context, pair, 'security_group', status < 300 ? [] : [faultWords(body)]);
  return status < 300;
}

async function statefulAt(context: ConvergeContext, id: string, site: Site): Promise<unknown> {
  const known = await context.inventory.find('security_group', id, site.id);
  try {
    const { status, body } = await askAsAdmin(site, 'network', 'GET', `/security-groups/${id}`);
    if (status === 200) return statefulOf(body['security_group'] as Body);
  } catch (error) {
    if (!(error instanceof SiteUnreachable)) throw error;
  }
  return known && statefulOf(JSON.parse(known.body) as Body);
}

const statefulOf = (group: Body | undefined): unknown => group?.['stateful'];

function report(
  context: ConvergeContext,
  { group, to }: Pick<Pair, 'group' | 'to'>,
  kind: string,
  refused: readonly string[],
): void {
  if (refused.length === 0) return;
  const event = { event: 'default_group.refused', site: to.name, project: group.projectId, kind, reasons: refused };
  context.log.warn(event, "a zone refuses a part of what holds in a project's default security group in the others");
}

/** What a site has now; what was seen last where it is silent. */
async function listedOrKnown(context: ConvergeContext, belonging: Belonging, id: string, site: Site): Promise<Body[]> {
  try {
    return await listed(context, belonging, id, site);
  } catch (error) {
    if (!(error instanceof SiteUnreachable)) throw error;
    return known(context, belonging, id, site);
  }
}

/** @throws SiteUnreachable, also where the site does not tell */
async function listed(context: ConvergeContext, belonging: Belonging, id: string, site: Site): Promise<Body[]> {
  const { collection, keys, feed } = context.kind(belonging.kind);
  if (feed?.offered && !feed.offered(site.capabilities)) return [];
  const query = new URLSearchParams(belonging.of(id)).toString();
  const { status, body } = await askAsAdmin(site, 'network', 'GET', collection, { query });
  if (status !== 200) throw new SiteUnreachable(site.name, false, `${collection}: ${status} ${faultWords(body)}`);
  return body[keys] as Body[];
}

async function known({ database }: ConvergeContext, belonging: Belonging, id: string, site: Site): Promise<Body[]> {
  const rows = await database.many<{ facts: Body }>(
    `select facts from resource
      where kind = '${belonging.kind}' and facts->>'${belonging.groupField}' = $1 and site_id = $2 and deleted_at is null`,
    [id, site.id],
  );
  return rows.map(({ facts }) => facts);
}
