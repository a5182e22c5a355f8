/** The sites of this cascade: rows in the database, gateways in memory. */
import type { Credential } from '@cascade/openstack-protocol/client/keystone-session.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import type { Database } from '../database/database.js';
import { tell } from '../database/notices.js';
import { AliasTable } from './alias-table.js';
import { publicPart } from './credential.js';
import { SiteGateway, type Deadlines } from './gateway.js';
import { httpTransport } from './http-transport.js';
import type { SiteLimits } from './limits.js';
import type { Secrets } from './secrets.js';
import { knownIds, SiteAliases } from './site-aliases.js';
import { SiteUnreachable, type Site, type SiteCapabilities, type SiteState } from './site.js';
import type { CloudAddress, SiteTransport } from './transport.js';
import { viewOf, type ExportedSite, type SiteRow, type SiteView } from './views.js';

export interface NewSite extends CloudAddress {
  readonly name: string;
  /** The number it had in a cascade before: ids that are made of it (its hypervisor's) stay the same. */
  readonly id?: number | undefined;
  /** @default enabled */
  readonly state?: SiteState;
}

export interface SiteOptions {
  readonly deadlines: Deadlines;
  readonly limits: SiteLimits;
}

interface Held {
  readonly row: SiteRow;
  readonly gateway: SiteGateway;
}

/** One lower-case word, since tenants write it after `--availability-zone`, where `:` has a meaning of its own. */
const siteName = /^[a-z0-9][a-z0-9._-]{0,62}$/;

export class SiteRegistry {
  private held = new Map<number, Held>();
  private loading: Promise<void> = Promise.resolve();
  readonly aliases: AliasTable;
  private readonly knownIds = knownIds();

  constructor(
    private readonly database: Database,
    private readonly secrets: Secrets,
    private readonly options: SiteOptions,
    private readonly transport: SiteTransport = httpTransport({
      connections: options.limits.concurrency,
      loginDeadlineMs: options.deadlines.readMs,
    }),
  ) {
    this.aliases = new AliasTable(database);
  }

  /** All sites, in the order in which they were added. */
  all(): Site[] {
    return [...this.held.values()].map((one) => one.gateway);
  }

  /** Sites whose `service` is to be asked: neither in maintenance nor silent. */
  answering(service: ServiceName): Site[] {
    return this.all().filter((site) => site.state !== 'maintenance' && site.health(service).reachable);
  }

  byId(id: number): Site | undefined {
    return this.held.get(id)?.gateway;
  }

  byName(name: string): Site | undefined {
    return this.all().find((site) => site.name === name);
  }

  /** @throws SiteUnreachable for a site that has been taken out of the registry meanwhile */
  require(id: number): Site {
    const site = this.byId(id);
    if (!site) throw new SiteUnreachable(`#${id}`, true, 'the site is not registered');
    return site;
  }

  views(): SiteView[] {
    return [...this.held.values()].map(({ row, gateway }) => viewOf(row, (service) => gateway.health(service)));
  }

  /**
   * Reads the rows anew; gateways keep their sessions, health and running requests unless address or credential changed.
   * @throws Error for a credential that does not open; the other sites are loaded all the same
   */
  load(): Promise<void> {
    // One after the other: an earlier read that ends later would take out again what was just added.
    this.loading = this.loading.catch(() => undefined).then(() => this.loadNow());
    return this.loading;
  }

  private async loadNow(): Promise<void> {
    const rows = await this.database.many<SiteRow>(`select * from site order by id`);
    const next = new Map<number, Held>();
    const failures: unknown[] = [];
    for (const row of rows) {
      const old = this.held.get(row.id);
      try {
        if (old && connectionKey(old.row) === connectionKey(row)) {
          old.gateway.update(row);
          next.set(row.id, { row, gateway: old.gateway });
        } else next.set(row.id, { row, gateway: this.open(row) });
      } catch (error) {
        failures.push(error);
      }
    }
    const gone = [...this.held].filter(([id, { gateway }]) => next.get(id)?.gateway !== gateway);
    this.held = next;
    await Promise.all(gone.map(([, { gateway }]) => gateway.close()));
    if (failures.length > 0) throw failures[0];
  }

  /**
   * @param tenantToken with which it is tried whether the cloud lets the cascade's tenants in
   * @throws Fault 400 with what is missing, 409 for a name or a cloud that is a site already
   */
  async add(wanted: NewSite, tenantToken?: string): Promise<{ view: SiteView; warnings: readonly string[] }> {
    if (!siteName.test(wanted.name)) {
      throw new Fault(
        'bad-request',
        `Site name '${wanted.name}' must be lower-case letters, digits, '.', '_' or '-', at most 63.`,
      );
    }
    const taken = wanted.id === undefined ? undefined : this.byId(wanted.id);
    if (taken && taken.name !== wanted.name) throw new Fault('conflict', `Site ${taken.name} has number ${taken.id}.`);
    const discovery = await this.transport.discover(wanted, tenantToken);
    const same = this.views().find((view) => overlaps(view.capabilities, discovery.capabilities));
    if (same) throw new Fault('conflict', `This cloud is a site already: ${same.name}.`);
    const sealed = this.secrets.seal(JSON.stringify(wanted.credential), wanted.name);
    const { name, authUrl, region, verifyTls } = wanted;
    const row = [name, authUrl, region, wanted.interface, verifyTls, sealed, discovery.capabilities];
    await this.insert(row, wanted.id, wanted.state ?? 'enabled');
    await this.changed();
    return { view: this.viewByName(wanted.name), warnings: discovery.warnings };
  }

  /** @throws Fault 409 */
  private async insert(row: readonly unknown[], id: number | undefined, state: SiteState): Promise<void> {
    await this.database.transaction(async (tx) => {
      const added = await tx.run(
        `insert into site (id, name, state, auth_url, region, interface, verify_tls, credential, capabilities)
         overriding system value
         values (coalesce($8::int, nextval(pg_get_serial_sequence('site', 'id'))), $1, $9, $2, $3, $4, $5, $6, $7)
         on conflict do nothing`,
        [...row, id ?? null, state],
      );
      if (added === 0) throw new Fault('conflict', `There is a site ${String(row[0])} already.`);
      // A number that was given must not be given out again.
      if (id !== undefined) {
        await tx.run(
          `select setval(pg_get_serial_sequence('site', 'id'), greatest($1::bigint, (select last_value from site_id_seq)))`,
          [id],
        );
      }
    });
  }

  /** What another cascade needs to have the same sites. @throws Error for a credential that does not open */
  exported(): ExportedSite[] {
    return [...this.held.values()].map(({ row }) => ({
      id: row.id,
      name: row.name,
      state: row.state,
      auth_url: row.auth_url,
      region: row.region,
      interface: row.interface,
      insecure: !row.verify_tls,
      auth: publicPart(this.credentialOf(row)),
      sealed_credential: row.credential,
    }));
  }

  /** @throws Fault 404 */
  viewByName(name: string): SiteView {
    const view = this.views().find((one) => one.name === name);
    if (!view) throw new Fault('not-found', `There is no site ${name}.`);
    return view;
  }

  /** All that is global has just been compared with a site. */
  async reconciled(siteId: number): Promise<void> {
    await this.database.run(`update site set reconciled_at = now() where id = $1`, [siteId]);
  }

  async setState(name: string, state: SiteState): Promise<SiteView> {
    this.viewByName(name);
    await this.database.run(`update site set state = $2 where name = $1`, [name, state]);
    await this.changed();
    return this.viewByName(name);
  }

  /**
   * The same cloud is reached by another URL from now on.
   * @throws Fault 404; 400 with what is missing there
   */
  async move(name: string, authUrl: string): Promise<void> {
    const { id } = this.viewByName(name);
    const { row } = this.held.get(id)!;
    const { region, verify_tls: verifyTls } = row;
    const address = { authUrl, region, verifyTls, interface: row.interface, credential: this.credentialOf(row) };
    const { capabilities } = await this.transport.discover(address);
    await this.database.run(`update site set auth_url = $2, capabilities = $3 where id = $1`, [
      id,
      authUrl,
      capabilities,
    ]);
    await this.changed();
  }

  /**
   * @param kept kinds of which the site must hold nothing; none where its resources are to be forgotten
   * @throws Fault 404; 409 while the site holds such resources
   */
  async remove(name: string, kept: readonly string[]): Promise<void> {
    const { id } = this.viewByName(name);
    await this.database.transaction(async (tx) => {
      const { held } = await tx.one<{ held: number }>(
        `select count(*) as held from resource
          where site_id = $1 and deleted_at is null and not is_copy and kind = any($2)`,
        [id, kept],
      );
      if (held > 0) {
        const words = `Site ${name} holds ${held} resources. Remove them first, or remove the site with --forget-resources.`;
        throw new Fault('conflict', words);
      }
      await tx.run(`delete from site where id = $1`, [id]);
    });
    await this.changed();
  }

  /**
   * Reads anew what a site can do, and tells all processes what is different.
   * @returns what it could do before; undefined where nothing is different
   * @throws SiteUnreachable; Fault 409 where its catalog now names the cloud of another site
   */
  async rediscover(site: Site): Promise<SiteCapabilities | undefined> {
    const held = this.held.get(site.id);
    if (!held) return undefined;
    const { row, gateway } = held;
    const seen = await gateway.rediscover(row);
    const other = this.views().find((view) => view.id !== row.id && overlaps(view.capabilities, seen));
    if (other) throw new Fault('conflict', `The catalog of site ${row.name} names the cloud of site ${other.name}.`);
    const changed = await this.database.run(
      `update site set capabilities = $2::jsonb where id = $1 and capabilities is distinct from $2::jsonb`,
      [row.id, seen],
    );
    if (changed === 0) return undefined;
    await this.changed();
    return row.capabilities;
  }

  private async changed(): Promise<void> {
    await this.load();
    await tell(this.database, 'cascade_sites');
  }

  /** Probes every service that it is time to probe. */
  async probeDue(): Promise<void> {
    await Promise.all([...this.held.values()].map(({ gateway }) => gateway.probeDue()));
  }

  /** Probes every service of every site once. */
  async probe(): Promise<void> {
    await Promise.all([...this.held.values()].map(({ gateway }) => gateway.probe()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.held.values()].map(({ gateway }) => gateway.close()));
  }

  private credentialOf(row: SiteRow): Credential {
    try {
      return JSON.parse(this.secrets.open(row.credential, row.name)) as Credential;
    } catch {
      throw new Error(
        `the credential of site ${row.name} cannot be decrypted: it was stored with another secret key; start with that key ` +
          '(CASCADE_SECRET_KEY, or the file secret.key of the data directory it was made in); if it is lost, make a new ' +
          'database from the sites with `cascade rebuild`',
      );
    }
  }

  private open(row: SiteRow): SiteGateway {
    const { limits, deadlines } = this.options;
    const address = { authUrl: row.auth_url, credential: this.credentialOf(row), verifyTls: row.verify_tls };
    const aliases = new SiteAliases(this.aliases, row.id, this.knownIds);
    return new SiteGateway(row, this.transport.connect(address), deadlines, limits, aliases);
  }
}

/** What a gateway's connection depends on. */
const connectionKey = ({ name, auth_url, verify_tls, credential }: SiteRow): string =>
  JSON.stringify([name, auth_url, verify_tls, credential]);

const overlaps = (a: SiteCapabilities, b: SiteCapabilities): boolean =>
  (a.endpoints.compute ?? []).some((url) => (b.endpoints.compute ?? []).includes(url));
