/** Security groups as something homed: one to tenants, with a copy in each site where something is of it. */
import pLimit from 'p-limit';
import { SiteRefused } from '../../globals/global-kind.js';
import type { HomedKind, WantedOfHomed } from '../../homed/homed-kind.js';
import type { HomedParts, SitesOfHomed } from '../../homed/homed-resources.js';
import { copyMark, isMarked, markedCopyOf } from '../../homed/marks.js';
import { bodyOfRow } from '../../resources/inventory.js';
import type { Body } from '../../resources/kind.js';
import { askAsAdmin, faultWords } from '../../routing/ask-as-admin.js';
import type { Homed } from '../../routing/homed.js';
import { SiteUnreachable, type Site } from '../../sites/site.js';
import { noSuch } from '../faults.js';
import { isSharedWith } from '../grants.js';
import type { QuotaRoom } from '../quota-room.js';
import { differenceOf, fieldsOf, policies, rules, type Belonging } from './belongings.js';
import { addressIn } from './address-group-kind.js';
import { membersOf } from './members.js';
import { make, makeCopy, readMany, readOne } from './requests.js';
import { wantedRules, type GroupAtHome } from './wanted-rules.js';

export interface GroupParts extends HomedParts {
  readonly homed: SitesOfHomed;
  readonly room: QuotaRoom;
  /** Whether a site's backend is known to honour rules that name an address group. */
  readonly honoursAddressGroups: (site: Site) => boolean;
}

/** Rules that are made with one request: they fit into the largest body that a Neutron takes. */
const rulesAtOnce = 100;
const deletionsAtOnce = 8;
/** A group that was changed no later than this after it was made is as its Neutron made it. */
const untouchedMs = 2_000;

interface ReadGroup extends GroupAtHome {
  readonly body: Body;
  readonly policies: readonly Body[];
}

const path = (id: string): string => `/security-groups/${id}`;

export class SecurityGroupKind implements HomedKind {
  readonly kind = 'security_group';
  readonly service = 'network';
  readonly namedBy = ['security_group', 'security_group_rule', 'port', 'rbac_policy'];

  constructor(private readonly parts: GroupParts) {}

  isMadeBySites(body: Body): boolean {
    return body['name'] === 'default';
  }

  absent(id: string) {
    return noSuch('security_group', id);
  }

  isSharedWith(id: string, projectId: string): Promise<boolean> {
    return isSharedWith(this.parts.database, id, projectId);
  }

  async find(site: Site, { id, projectId }: Homed): Promise<string[]> {
    const query = { project_id: projectId, description: copyMark(id) };
    const found = await readMany(site, '/security-groups', 'security_groups', query);
    return found
      .filter((body) => markedCopyOf(body['description']) === id)
      .sort((a, b) => (String(a['created_at']) < String(b['created_at']) ? -1 : 1))
      .map((body) => String(body['id']));
  }

  async make(site: Site, thing: Homed): Promise<Body> {
    const body = await this.bodyAtHome(thing);
    if (!body) throw this.absent(thing.id);
    return makeCopy(this.parts.room, thing, { site, path: '/security-groups', fields: fieldsAt(site, thing, body) });
  }

  async read(thing: Homed, without: ReadonlySet<string>): Promise<WantedOfHomed | undefined> {
    const group = await this.readGroup(thing, without);
    return group && { bring: (site) => this.bring(thing, group, site) };
  }

  async remove(site: Site, id: string) {
    return (await askAsAdmin(site, 'network', 'DELETE', path(id))).response;
  }

  async isUsedAt(siteId: number, id: string): Promise<boolean> {
    const { used } = await this.parts.database.one<{ used: boolean }>(
      `select exists (select 1 from resource r where r.kind = 'port' and r.deleted_at is null and r.site_id = $1
                         and r.facts->'security_groups' @> to_jsonb(array[$2::text])) as used`,
      [siteId, id],
    );
    return used;
  }

  async readOriginal(site: Site, id: string): Promise<Body | undefined> {
    const body = await readOne(site, path(id), 'security_group');
    return body && isMarked(body['description']) ? undefined : body;
  }

  async marked(site: Site): Promise<{ id: string; of: string }[]> {
    const rows = await this.parts.database.many<{ id: string; description: string }>(
      `select id, facts->>'description' as description from resource
        where kind = 'security_group' and site_id = $1 and is_copy and deleted_at is null
          and facts->>'description' like 'cascade copy of %'`,
      [site.id],
    );
    return rows.flatMap(({ id, description }) => {
      const of = markedCopyOf(description);
      return of === undefined ? [] : [{ id, of }];
    });
  }

  /** Gives a group `default` rules that its Neutron did not make it with, where it is younger than those. @throws SiteUnreachable */
  async beginWith(thing: Homed, site: Site, wanted: readonly Body[], since: Date): Promise<void> {
    await this.parts.homed.locked(this.kind, thing.id, async () => {
      const there = await readOne(site, path(thing.id), 'security_group');
      if (!there || !(await isUntouched(site, there, since))) return;
      const own = rulesOf(there).filter(isWritten);
      const refusals = await this.bringBelonging(rules, site, thing, wanted, own);
      const event = { event: 'default_group.refused', site: site.name, project: thing.projectId, reasons: refusals };
      if (refusals.length > 0) this.parts.log.warn(event, 'a zone refuses what default security groups begin with');
    });
  }

  /** Nobody's rules are changed unasked: one that differs and is in use, or was changed, stays as it is. @throws SiteUnreachable */
  async decide(thing: Homed, site: Site): Promise<boolean> {
    const group = await this.readGroup(thing, new Set());
    const there = await readOne(site, path(thing.id), 'security_group');
    if (!group || !there) return false;
    const own = rulesOf(there).filter(isWritten);
    const isAlike = async () => {
      const shared = await this.policiesAt(site, thing.id);
      const differences = [
        differenceOf(rules, thing.id, group.rules, own),
        differenceOf(policies, thing.id, group.policies, shared),
      ];
      return differences.every(({ extra, missing }) => extra.length + missing.length === 0);
    };
    const follows = (await isUntouched(site, there)) || (await isAlike());
    await this.parts.homed.table.setFollows({ kind: this.kind, id: thing.id, siteId: site.id }, follows);
    if (!follows) {
      const event = { event: 'default_group.apart', project: thing.projectId, site: site.name };
      this.parts.log.warn(event, "a project's default security group has other rules in this zone than are shown");
    }
    return follows;
  }

  private async readGroup(thing: Homed, without: ReadonlySet<string>): Promise<ReadGroup | undefined> {
    const body = await this.bodyAtHome(thing);
    if (!body) return undefined;
    const { id, homeId, isDefault } = thing;
    const written = rulesOf(body).filter((rule) => isWritten(rule) && !without.has(String(rule['id'])));
    const remotes = named(written, 'remote_group_id');
    const [shared, members, places, addresses] = await Promise.all([
      this.policiesAtHome(thing),
      membersOf(this.parts.database, remotes),
      this.placesOf(remotes),
      this.addressesOf(named(written, 'remote_address_group_id'), thing, without),
    ]);
    const kept = shared.filter((policy) => !without.has(String(policy['id'])));
    return { id, homeId, isDefault, body, rules: written, policies: kept, members, places, addresses };
  }

  /**
   * What the home has now; what was seen last where it is silent.
   * @returns undefined where the home says that it is gone
   * @throws SiteUnreachable where it is silent and nothing is known
   */
  private async bodyAtHome({ id, homeId }: Homed): Promise<Body | undefined> {
    const { sites, inventory, database } = this.parts;
    const home = homeId === null ? undefined : sites.byId(homeId);
    if (!home) throw new SiteUnreachable(`#${homeId}`, true, 'its home was taken out');
    try {
      return await readOne(home, path(id), 'security_group');
    } catch (error) {
      if (!(error instanceof SiteUnreachable)) throw error;
      const row = await inventory.find('security_group', id, home.id);
      if (!row) throw error;
      const known = await database.many<{ facts: Body }>(
        `select facts from resource where kind = 'security_group_rule' and facts->>'security_group_id' = $1 and site_id = $2
            and deleted_at is null`,
        [id, home.id],
      );
      return { ...bodyOfRow(row), security_group_rules: known.map(({ facts }) => facts) };
    }
  }

  private async policiesAtHome({ id, homeId }: Homed): Promise<Body[]> {
    const home = this.parts.sites.byId(homeId ?? 0);
    try {
      return home ? await this.policiesAt(home, id) : [];
    } catch (error) {
      if (!(error instanceof SiteUnreachable)) throw error;
      const rows = await this.parts.database.many<{ facts: Body }>(
        `select facts from resource where kind = 'rbac_policy' and facts->>'object_id' = $1 and site_id = $2 and deleted_at is null`,
        [id, homeId],
      );
      return rows.map(({ facts }) => facts);
    }
  }

  private async policiesAt(site: Site, id: string): Promise<Body[]> {
    if (!site.capabilities.networkExtensions.includes('rbac-policies')) return [];
    return readMany(site, '/rbac-policies', 'rbac_policies', { object_type: 'security_group', object_id: id });
  }

  /** In which sites each of some groups is. */
  private async placesOf(ids: readonly string[]): Promise<Map<string, Set<number>>> {
    const places = new Map<string, Set<number>>();
    if (ids.length === 0) return places;
    const rows = await this.parts.database.many<{ id: string; site_id: number }>(
      `select id, site_id from homed_site where kind = 'security_group' and id = any($1) and is_there
       union
       select id, site_id from resource
        where kind = 'security_group' and id = any($1) and not is_copy and deleted_at is null`,
      [ids],
    );
    for (const { id, site_id: siteId } of rows) places.set(id, (places.get(id) ?? new Set()).add(siteId));
    return places;
  }

  /** What is in some address groups; nothing is known of one whose site does not say. */
  private async addressesOf(
    ids: readonly string[],
    { homeId }: Homed,
    without: ReadonlySet<string>,
  ): Promise<Map<string, string[]>> {
    const read = ids.map(async (id): Promise<[string, string[]]> => {
      const home = (await this.parts.homed.homeOf('address_group', id)) ?? this.parts.sites.byId(homeId ?? 0);
      const body = await (home && readOne(home, `/address-groups/${id}`, 'address_group'))?.catch(() => undefined);
      const addresses = (body?.['addresses'] ?? []) as string[];
      return [id, addresses.filter((one) => !without.has(addressIn(id, one)))];
    });
    return new Map(await Promise.all(read));
  }

  private async bring(thing: Homed, group: ReadGroup, site: Site): Promise<boolean> {
    const isHome = site.id === thing.homeId;
    if (!isHome && thing.isDefault && !(await this.follows(thing, site))) return true;
    const there = await readOne(site, path(thing.id), 'security_group');
    if (!there) return false;
    const honours = this.parts.honoursAddressGroups(site);
    const wanted = wantedRules(group, site.id, honours);
    if (honours && !isHome)
      for (const id of named(wanted, 'remote_address_group_id'))
        await this.parts.homed.ensure('address_group', id, site);
    // What tenants wrote at the home is theirs.
    const known = rulesOf(there).filter((rule) => !isHome || !isWritten(rule));
    const refusals = [
      ...(isHome ? [] : await this.bringFields(site, thing, group, there)),
      ...(await this.bringBelonging(rules, site, thing, wanted, known)),
      ...(isHome
        ? []
        : await this.bringBelonging(policies, site, thing, group.policies, await this.policiesAt(site, thing.id))),
    ];
    if (refusals.length > 0) throw new SiteRefused(site, 409, refusals.join('; '));
    return true;
  }

  private async follows(thing: Homed, site: Site): Promise<boolean> {
    return thing.sites.find(({ siteId }) => siteId === site.id)?.follows ?? this.decide(thing, site);
  }

  /** @returns the refusal, where there is one: whether it is stateful is not changed where a port uses it */
  private async bringFields(site: Site, thing: Homed, { body }: ReadGroup, there: Body): Promise<string[]> {
    const changes = Object.entries(fieldsAt(site, thing, body)).filter(([name, value]) => there[name] !== value);
    if (changes.length === 0) return [];
    const request = { body: { security_group: Object.fromEntries(changes) } };
    const answer = await askAsAdmin(site, 'network', 'PUT', path(thing.id), request);
    return answer.status < 300 ? [] : [faultWords(answer.body)];
  }

  /** @returns the site's refusals */
  private async bringBelonging(
    belonging: Belonging,
    site: Site,
    thing: Homed,
    wanted: readonly Body[],
    there: readonly Body[],
  ): Promise<string[]> {
    const content: Belonging['content'] = (body, id) =>
      `${isMarked(body['description']) ? 'ours' : ''} ${belonging.content(body, id)}`;
    const { extra, missing } = differenceOf(belonging, thing.id, wanted, there, content);
    const refusals = await this.removeAll(belonging, site, extra);
    // A site that keeps more than it should is given nothing on top of that.
    if (refusals.length > 0) return refusals;
    for (let at = 0; at < missing.length; at += rulesAtOnce)
      refusals.push(...(await this.addAll(belonging, site, thing, missing.slice(at, at + rulesAtOnce))));
    return refusals;
  }

  private async removeAll({ kind }: Belonging, site: Site, bodies: readonly Body[]): Promise<string[]> {
    const { collection } = this.parts.kind(kind);
    const turn = pLimit(deletionsAtOnce);
    const refusals = bodies.map(({ id }) =>
      turn(async () => {
        const askedAt = new Date();
        const { status, body } = await askAsAdmin(site, 'network', 'DELETE', `${collection}/${String(id)}`);
        if (status >= 300 && status !== 404) return [faultWords(body)];
        await this.parts.inventory.forget(kind, site, [String(id)], askedAt);
        return [];
      }),
    );
    return (await Promise.all(refusals)).flat();
  }

  /** All at once, or one by one where one of them is there already, by whatever words. */
  private async addAll(belonging: Belonging, site: Site, thing: Homed, bodies: readonly Body[]): Promise<string[]> {
    const { key, keys, collection, name } = this.parts.kind(belonging.kind);
    const items = bodies.map((body) => ({
      ...fieldsOf(belonging, body),
      [belonging.groupField]: thing.id,
      tenant_id: thing.projectId,
    }));
    const askedAt = new Date();
    const isMany = items.length > 1;
    try {
      const made = await make(this.parts.room, {
        site,
        path: collection,
        body: isMany ? { [keys]: items } : { [key]: items[0] },
        projectId: thing.projectId,
        resource: name,
        count: items.length,
      });
      const stored = (isMany ? made[keys] : [made[key]]) as Body[];
      await this.parts.inventory.store(this.parts.kind(name), site, stored, askedAt, new Date());
      return [];
    } catch (error) {
      if (!(error instanceof SiteRefused)) throw error;
      if (!isMany) return /already exists/i.test(error.message) ? [] : [error.message];
      const refusals: string[] = [];
      for (const body of bodies) refusals.push(...(await this.addAll(belonging, site, thing, [body])));
      return refusals;
    }
  }
}

const rulesOf = (group: Body): Body[] => (group['security_group_rules'] ?? []) as Body[];
/** By a tenant, or by its Neutron. */
const isWritten = ({ description }: Body): boolean => !isMarked(description);

/** What a field of some rules names. */
const named = (some: readonly Body[], field: string): string[] => [
  ...new Set(some.flatMap((rule) => (typeof rule[field] === 'string' ? [rule[field]] : []))),
];

/** What is the same in each copy, besides what belongs to it. */
function fieldsAt(site: Site, { id, isDefault }: Homed, home: Body): Body {
  const knowsStateless = site.capabilities.networkExtensions.includes('stateful-security-group');
  return {
    ...(isDefault ? {} : { name: home['name'], description: copyMark(id) }),
    ...(knowsStateless && 'stateful' in home ? { stateful: home['stateful'] } : {}),
  };
}

/** As its Neutron made it, after a time, and used by no port. @throws SiteUnreachable */
async function isUntouched(site: Site, group: Body, since = new Date(0)): Promise<boolean> {
  const [made, changed] = [group['created_at'], group['updated_at']].map((time) => Date.parse(String(time)));
  if (!(changed! - made! <= untouchedMs && made! + 1_000 > since.getTime())) return false;
  const query = { security_groups: String(group['id']), fields: 'id', limit: '1' };
  return (await readMany(site, '/ports', 'ports', query)).length === 0;
}
