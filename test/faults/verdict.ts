/** After a history: everything is healed, the cascade is given time, and then nothing may be missing, wrong or too much. */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { CloudsUnderTest } from './clouds.js';
import { globalKinds, globalNames, type GlobalName, type Values } from './global-kinds.js';
import type { GlobalLedger, Place } from './global-ledger.js';
import { groupDifferences } from './groups.js';
import { kindNames } from './kinds.js';
import { compare, type Held, type Ledger } from './ledger.js';
import type { OpenStackApi } from './openstack-api.js';
import type { Ledgers, Stage } from './play.js';
import type { RunningCascade } from './running-cascade.js';

/** For how long inventory and sites must agree to count as quiet. */
const quietMs = 1_500;
/** Rounds of the reconciler in which they must agree: the lists of types are read in every fourth. */
const quietRounds = 5;

/** @returns one sentence for each thing that is wrong; empty for a history that was survived */
export async function judge(stage: Stage, { ledger, globals }: Ledgers, timeoutMs: number): Promise<string[]> {
  const { cascade, clouds, operator } = stage;
  let quiet: Quiet | undefined;
  let wrong: string[] = [];
  for (const end = Date.now() + timeoutMs; ; await delay(250)) {
    // The table itself, past the lists, which would first look after what was written a moment ago.
    wrong = await differences(cascade, clouds, ledger);
    if (wrong.length === 0) wrong = await globalDifferences(stage, globals);
    if (wrong.length === 0) wrong = await differencesOfGroups(stage);
    quiet = wrong.length === 0 ? (quiet ?? new Quiet()) : undefined;
    if (quiet && (await quiet.isLongEnough(cascade))) break;
    if (Date.now() > end) return wrong.length > 0 ? wrong : ['the reconciler does not come to the end of its rounds'];
  }
  return compareLists(operator, await everythingAt(clouds));
}

/** How long all has agreed. */
class Quiet {
  private readonly since = Date.now();
  /** By site, when its rounds of the reconciler ended. */
  private readonly rounds = new Map<number, Set<number>>();

  async isLongEnough(cascade: RunningCascade): Promise<boolean> {
    const sites = await rowsOf<{ id: number; reconciled_at: Date | null }>(
      cascade,
      'select id, reconciled_at from site',
    );
    for (const { id, reconciled_at: at } of sites)
      this.rounds.set(id, (this.rounds.get(id) ?? new Set<number>()).add(at?.getTime() ?? 0));
    // The first round that is seen ended before.
    const isThrough = [...this.rounds.values()].every(({ size }) => size > quietRounds);
    return isThrough && Date.now() - this.since >= quietMs;
  }
}

/** What the cascade and every site have of what is global, against what was answered. */
async function globalDifferences({ clouds, operator }: Stage, globals: GlobalLedger): Promise<string[]> {
  const read = async (name: string, api: OpenStackApi, isCascade: boolean): Promise<Place> => {
    // Of what a history never made nothing is asked: not every cloud under test knows all kinds.
    const values = globalNames.map(async (kind) => {
      const slots = globals.slots(kind);
      return [kind, slots.length > 0 ? await globalKinds[kind].read(api, slots) : new Map<string, string>()] as const;
    });
    return { name, isCascade, values: Object.fromEntries(await Promise.all(values)) as Record<GlobalName, Values> };
  };
  try {
    const sites = clouds.sites.map(({ name, direct }) => read(name, direct, false));
    return globals.audit(await Promise.all([read('the cascade', operator, true), ...sites]));
  } catch (error) {
    return [`what is global cannot be read: ${(error as Error).message}`];
  }
}

async function differencesOfGroups({ clouds, operator }: Stage): Promise<string[]> {
  try {
    return await groupDifferences(clouds, operator);
  } catch (error) {
    return [`security groups cannot be read: ${(error as Error).message}`];
  }
}

async function differences(cascade: RunningCascade, clouds: CloudsUnderTest, ledger: Ledger): Promise<string[]> {
  try {
    const [inventory, atSites] = [await inventoryOf(cascade), await everythingAt(clouds)];
    return [...compare(inventory, atSites), ...ledger.audit(atSites)]; // what is being deleted is there for a while
  } catch (error) {
    return [`the inventory cannot be read: ${(error as Error).message}`]; // its server was killed and recovers
  }
}

/** What the cascade's own lists show, against the sites. */
async function compareLists(operator: OpenStackApi, atSites: readonly Held[]): Promise<string[]> {
  const siteOf = new Map(atSites.map((held) => [held.id, held.site]));
  const lists = kindNames.map(async (kind) =>
    (await operator.list(kind)).map((row): Held => ({ ...row, kind, site: siteOf.get(row.id) ?? 'no site' })),
  );
  return compare((await Promise.all(lists)).flat(), atSites).map((words) => `listed: ${words}`);
}

export async function everythingAt({ sites }: CloudsUnderTest): Promise<Held[]> {
  const lists = sites.flatMap(({ name, direct }) =>
    kindNames.map(async (kind) => (await direct.list(kind)).map((row): Held => ({ ...row, kind, site: name }))),
  );
  return (await Promise.all(lists)).flat();
}

const inventoryOf = (cascade: RunningCascade): Promise<Held[]> =>
  rowsOf<Held>(
    cascade,
    `select r.kind, r.id, s.name as site, r.body::jsonb->>'name' as name, r.body::jsonb->>'status' as status
       from resource r join site s on s.id = r.site_id
      where r.deleted_at is null and r.kind = any($1)`,
    [kindNames],
  );

async function rowsOf<Row extends pg.QueryResultRow>(
  cascade: RunningCascade,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const connection = new pg.Client({ connectionString: await cascade.databaseUrl() });
  connection.on('error', () => undefined);
  await connection.connect();
  try {
    return (await connection.query<Row>(sql, [...values])).rows;
  } finally {
    await connection.end();
  }
}
