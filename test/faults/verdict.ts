/** After a history: everything is healed, the cascade is given time, and then nothing may be missing, wrong or too much. */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { CloudsUnderTest } from './clouds.js';
import { kindNames } from './kinds.js';
import { compare, type Held, type Ledger } from './ledger.js';
import type { OpenStackApi } from './openstack-api.js';
import type { RunningCascade } from './running-cascade.js';

/** For how long inventory and sites must agree to count as quiet. */
const quietMs = 1_500;

/** @returns one sentence for each thing that is wrong; empty for a history that was survived */
export async function judge(
  cascade: RunningCascade,
  clouds: CloudsUnderTest,
  operator: OpenStackApi,
  ledger: Ledger,
  patienceMs: number,
): Promise<string[]> {
  let agreedAt: number | undefined;
  let wrong: string[] = [];
  for (const end = Date.now() + patienceMs; ; await delay(250)) {
    // The table itself, past the lists, which would first look after what was written a moment ago.
    wrong = await differences(cascade, clouds, ledger);
    agreedAt = wrong.length === 0 ? (agreedAt ?? Date.now()) : undefined;
    if (agreedAt !== undefined && Date.now() - agreedAt >= quietMs) break;
    if (Date.now() > end) return wrong;
  }
  return compareLists(operator, await everythingAt(clouds));
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

async function inventoryOf(cascade: RunningCascade): Promise<Held[]> {
  const connection = new pg.Client({ connectionString: await cascade.databaseUrl() });
  connection.on('error', () => undefined);
  await connection.connect();
  try {
    const { rows } = await connection.query<Held>(
      `select r.kind, r.id, s.name as site, r.body::jsonb->>'name' as name, r.body::jsonb->>'status' as status
         from resource r join site s on s.id = r.site_id
        where r.deleted_at is null and r.kind = any($1)`,
      [kindNames],
    );
    return rows;
  } finally {
    await connection.end();
  }
}
