/** A cascade over clouds, ready to live through histories. */
import { rm } from 'node:fs/promises';
import { freePort, send } from '../cascade.js';
import type { CloudsUnderTest } from './clouds.js';
import { addNetworks, tidyGroups } from './groups.js';
import type { History } from './history.js';
import { kindNames } from './kinds.js';
import { OpenStackApi } from './openstack-api.js';
import { play, type Stage } from './play.js';
import { RunningCascade } from './running-cascade.js';
import { everythingAt, judge } from './verdict.js';

export interface HarnessOptions {
  readonly processes: number;
  /** Rows of each kind that the first site has from the start: beyond a hundred a feed no longer reads all of them. */
  readonly held: number;
  /** How long the cascade may take to find everything out once everything is healed. */
  readonly timeoutMs: number;
  /** @default embedded, and then it can be killed */
  readonly databaseUrl?: string;
  /** @default a temporary one */
  readonly dataDir?: string;
}

const shown = 12;

/** A history after which something was wrong. */
export class HistoryLost extends Error {
  override readonly name = 'HistoryLost';
  constructor(wrong: readonly string[], logFile: string) {
    const more = wrong.length > shown ? [`… and ${wrong.length - shown} more`] : [];
    super([...wrong.slice(0, shown), ...more, `The cascade's log: ${logFile}`].join('\n'));
  }
}

export class Harness {
  /** What the cascade said is worth keeping where a history was lost. */
  private keepsLog = false;

  private constructor(
    readonly stage: Stage,
    private readonly options: HarnessOptions,
    /** Ids of what the sites have from the start. */
    private readonly atStart: ReadonlySet<string>,
  ) {}

  static async start(clouds: CloudsUnderTest, options: HarnessOptions): Promise<Harness> {
    const [first] = clouds.sites;
    for (let at = 0; at < options.held; at += 1) {
      await Promise.all(kindNames.map((kind) => first!.direct.create(kind, `held-${at}`, { imageId: first!.imageId })));
    }
    await addNetworks(clouds);
    const atStart = new Set((await everythingAt(clouds)).map(({ id }) => id));
    const cascade = await RunningCascade.start({
      keystoneUrl: clouds.keystone.url,
      port: await freePort(),
      processes: options.processes,
      databaseUrl: options.databaseUrl,
      dataDir: options.dataDir,
      environment: {
        CASCADE_FEED_SECONDS: '0.2',
        CASCADE_RECONCILE_SECONDS: '0.3',
        CASCADE_SITE_READ_SECONDS: '3',
        CASCADE_SITE_WRITE_SECONDS: '5',
        CASCADE_TOKEN_CACHE_SECONDS: '1', // a Keystone that is not well is noticed
      },
    });
    const stage: Stage = {
      cascade,
      clouds,
      tenant: new OpenStackApi(
        () => cascade.url,
        () => clouds.member(),
      ),
      operator: new OpenStackApi(
        () => cascade.url,
        () => clouds.admin(),
      ),
    };
    const harness = new Harness(stage, options, atStart);
    try {
      await harness.addSites();
      return harness;
    } catch (error) {
      await harness.stop();
      throw error;
    }
  }

  get logFile(): string {
    return this.stage.cascade.logFile;
  }

  /** @throws HistoryLost with what is wrong afterwards */
  async live(history: History): Promise<void> {
    await this.tidy();
    const ledgers = await play(this.stage, history);
    const wrong = await judge(this.stage, ledgers, this.options.timeoutMs);
    if (wrong.length === 0) return;
    this.keepsLog = true;
    throw new HistoryLost(wrong, this.logFile);
  }

  async stop(): Promise<void> {
    const { cascade, clouds, tenant, operator } = this.stage;
    await Promise.all([tenant.close(), operator.close()]);
    await cascade.stop();
    if (!this.keepsLog) await rm(cascade.logFile, { force: true });
    await clouds.close();
  }

  private async addSites(): Promise<void> {
    const { cascade, clouds } = this.stage;
    const { username, password, projectName } = clouds.operator;
    for (const { name, region, authUrl } of clouds.sites) {
      const { token } = await clouds.admin();
      const body = {
        name,
        region,
        auth_url: authUrl,
        auth: { username, password, project_name: projectName },
      };
      const { status, text } = await send('POST', `${cascade.url}/cascade/v1/sites`, { token, body });
      if (status !== 201) throw new Error(`${name} is no site: ${status} ${text}`);
    }
  }

  /** What earlier histories left goes, behind the cascade's back, so that the next one starts small. */
  private async tidy(): Promise<void> {
    const { clouds } = this.stage;
    await tidyGroups(clouds);
    const left = (await everythingAt(clouds)).filter(({ id }) => !this.atStart.has(id));
    const sites = new Map(clouds.sites.map(({ name, direct }) => [name, direct]));
    for (const { kind, id, site } of left) await sites.get(site)!.delete(kind, id);
    await addNetworks(clouds);
  }
}
