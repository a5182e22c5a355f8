/** Address groups as something homed: a copy is where a rule names one. */
import { SiteRefused } from '../../globals/global-kind.js';
import type { HomedKind, WantedOfHomed } from '../../homed/homed-kind.js';
import type { HomedParts } from '../../homed/homed-resources.js';
import { copyMark, isMarked, markedCopyOf } from '../../homed/marks.js';
import type { Body } from '../../resources/kind.js';
import { askAsAdmin, faultWords } from '../../routing/ask-as-admin.js';
import type { Homed } from '../../routing/homed.js';
import { SiteUnreachable, type Site } from '../../sites/site.js';
import { noSuch } from '../faults.js';
import { isSharedWith } from '../grants.js';
import type { QuotaRoom } from '../quota-room.js';
import { ignoringBackend } from './address-group-backend.js';
import { makeCopy, readMany, readOne } from './requests.js';

export interface AddressGroupParts extends Pick<HomedParts, 'database' | 'sites'> {
  readonly room: QuotaRoom;
}

const path = (id: string, rest = ''): string => `/address-groups/${id}${rest}`;

export class AddressGroupKind implements HomedKind {
  readonly kind = 'address_group';
  readonly service = 'network';
  readonly namedBy = ['address_group', 'security_group_rule', 'rbac_policy'];
  readonly isUnfed = true;

  constructor(private readonly parts: AddressGroupParts) {}

  absent(id: string) {
    return noSuch('address_group', id);
  }

  isSharedWith(id: string, projectId: string): Promise<boolean> {
    return isSharedWith(this.parts.database, id, projectId);
  }

  async find(site: Site, { id, projectId }: Homed): Promise<string[]> {
    const all = await readMany(site, '/address-groups', 'address_groups', { project_id: projectId });
    return all.flatMap((body) => (markedCopyOf(body['description']) === id ? [String(body['id'])] : [])).sort();
  }

  async make(site: Site, thing: Homed): Promise<Body> {
    const body = await this.bodyAtHome(thing);
    if (!body) throw this.absent(thing.id);
    const fields = { name: body['name'], description: copyMark(thing.id) };
    return makeCopy(this.parts.room, thing, { site, path: '/address-groups', fields });
  }

  async read(thing: Homed, without: ReadonlySet<string>): Promise<WantedOfHomed | undefined> {
    const body = await this.bodyAtHome(thing);
    if (!body) return undefined;
    const addresses = addressesOf(body).filter((one) => !without.has(addressIn(thing.id, one)));
    return {
      bring: (site) => (site.id === thing.homeId ? Promise.resolve(true) : bring(site, thing.id, body, addresses)),
    };
  }

  async remove(site: Site, id: string) {
    return (await askAsAdmin(site, 'network', 'DELETE', path(id))).response;
  }

  /** No port is of it; a rule that names it is the site's to tell of. */
  isUsedAt(): Promise<boolean> {
    return Promise.resolve(false);
  }

  async readOriginal(site: Site, id: string): Promise<Body | undefined> {
    if (!isOffered(site)) return undefined;
    const body = await readOne(site, path(id), 'address_group');
    return body && isMarked(body['description']) ? undefined : body;
  }

  async marked(site: Site): Promise<{ id: string; of: string }[]> {
    if (!isOffered(site)) return [];
    return (await readMany(site, '/address-groups', 'address_groups', {})).flatMap(({ id, description }) => {
      const of = markedCopyOf(description);
      return of === undefined ? [] : [{ id: String(id), of }];
    });
  }

  async warnings(site: Site): Promise<string[]> {
    const { rules } = await this.parts.database.one<{ rules: number }>(
      `select count(*) as rules from resource
        where kind = 'security_group_rule' and site_id = $1 and deleted_at is null
          and facts->>'remote_address_group_id' is not null`,
      [site.id],
    );
    const backend = rules > 0 ? await ignoringBackend(site) : undefined;
    if (backend === undefined) return [];
    return [`${rules} security group rules name an address group: ${backend} takes them, and admits any source`];
  }

  /** @throws SiteUnreachable where its home is silent */
  private bodyAtHome({ id, homeId }: Homed): Promise<Body | undefined> {
    const home = homeId === null ? undefined : this.parts.sites.byId(homeId);
    if (!home) throw new SiteUnreachable(`#${homeId}`, true, 'its home was taken out');
    return readOne(home, path(id), 'address_group');
  }
}

const isOffered = (site: Site): boolean => site.capabilities.networkExtensions.includes('address-group');

const addressesOf = (body: Body): string[] => (body['addresses'] ?? []) as string[];

/** What names one address of a group where something is taken from it. */
export const addressIn = (groupId: string, address: string): string => `${groupId} ${address}`;

async function bring(site: Site, id: string, home: Body, wanted: readonly string[]): Promise<boolean> {
  const there = await readOne(site, path(id), 'address_group');
  if (!there) return false;
  const known = addressesOf(there);
  const extra = known.filter((one) => !wanted.includes(one));
  const missing = wanted.filter((one) => !known.includes(one));
  if (extra.length > 0) await put(site, path(id, '/remove_addresses'), { addresses: extra });
  if (missing.length > 0) await put(site, path(id, '/add_addresses'), { addresses: missing });
  const fields = { name: home['name'], description: copyMark(id) };
  if (there['name'] !== fields.name || there['description'] !== fields.description)
    await put(site, path(id), { address_group: fields });
  return true;
}

async function put(site: Site, at: string, body: Body): Promise<void> {
  const answer = await askAsAdmin(site, 'network', 'PUT', at, { body });
  if (answer.status >= 300) throw new SiteRefused(site, answer.status, faultWords(answer.body));
}
