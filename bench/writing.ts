/** Rows that change, come and go while something is measured, at a given rate, as a feed stores them. */
import { setTimeout as delay } from 'node:timers/promises';
import { computeKinds } from '../src/compute/kinds.js';
import type { Database } from '../src/database/database.js';
import { Inventory } from '../src/resources/inventory.js';
import type { Body } from '../src/resources/kind.js';
import type { Site } from '../src/sites/site.js';
import { serverId } from './population.js';

interface Writing {
  /** Ends it. `gone` are the ids of servers that were deleted. */
  stop(): Promise<{ written: number; gone: ReadonlySet<string> }>;
}

/** Of ten rows eight change their state, one is deleted and one is new. `servers` is how many of the population there are. */
export function startWriting(database: Database, servers: number, perSecond: number): Writing {
  const [kind] = computeKinds;
  const inventory = new Inventory(database);
  const gone = new Set<string>();
  let written = 0;
  let stopping = false;

  const writeTen = async (): Promise<void> => {
    const ids = Array.from({ length: 10 }, () => serverId(Math.floor(Math.random() * servers)));
    const rows = await database.many<{ site_id: number; body: string }>(
      `select site_id, body from resource where kind = 'server' and id = any($1) and deleted_at is null`,
      [ids],
    );
    for (const [at, { site_id: id, body }] of rows.entries()) {
      const server = JSON.parse(body) as Body;
      const site = { id } as Site;
      const now = new Date();
      const updated = `${now.toISOString().slice(0, 19)}Z`;
      if (at === 0) {
        gone.add(String(server['id']));
        await inventory.forget('server', site, [String(server['id'])], now);
      } else {
        const isNew = at === 1;
        const status = server['status'] === 'ACTIVE' ? 'SHUTOFF' : 'ACTIVE';
        const changed = isNew ? { id: crypto.randomUUID(), created: updated } : { status };
        await inventory.store(kind!, site, [{ ...server, ...changed, updated }], now);
      }
      written += 1;
    }
  };
  const running = (async () => {
    const start = performance.now();
    while (!stopping) {
      await writeTen();
      await delay(Math.max(0, (written / perSecond) * 1_000 - (performance.now() - start)));
    }
  })();
  return {
    stop: async () => {
      stopping = true;
      await running;
      return { written, gone };
    },
  };
}
