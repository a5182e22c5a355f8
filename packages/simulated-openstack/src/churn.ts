/** Life in a cloud that nobody asks for anything: servers stop and start, come and go. */
import { addressOf } from './compute/servers/population.js';
import { begin, transitions } from './compute/servers/transitions.js';
import type { Server } from './compute/servers/server.js';
import type { SimulatedCloud } from './cloud.js';
import { noiseUuid, numberOf, sequence } from './noise.js';

export interface Churn {
  /** Share of the servers that something happens to in a minute, 0.01 for one in a hundred. */
  readonly perMinute: number;
}

const tickMs = 1_000;
/** The addresses of the first population lie below. */
const churnedFrom = 2 ** 22;
/** Of all that happens; the rest are servers that stop or start. */
const [createShare, deleteShare] = [0.1, 0.1];

/** Goes on until the cloud is closed. The same seed has the same things happen in the same order. */
export function startChurn(cloud: SimulatedCloud, { perMinute }: Churn): void {
  const draw = sequence(cloud.seed ^ numberOf(`churn ${cloud.name}`));
  let due = 0;
  cloud.clock.every(tickMs, () => {
    due += (cloud.servers.count * perMinute * tickMs) / 60_000;
    for (; due >= 1; due -= 1) {
      const kind = draw();
      if (kind < createShare) create(cloud, draw, (cloud.churned += 1));
      else if (kind < createShare + deleteShare) remove(cloud, draw);
      else turn(cloud, draw);
    }
  });
}

const someServer = (cloud: SimulatedCloud, draw: () => number): Server | undefined => {
  const server = cloud.servers.nth(Math.floor(draw() * cloud.servers.ever));
  return server?.deletedAt === null && server.taskState === null ? server : undefined;
};

function turn(cloud: SimulatedCloud, draw: () => number): void {
  const server = someServer(cloud, draw);
  if (server?.vmState === 'active') begin(cloud, server, transitions.stop);
  else if (server?.vmState === 'stopped') begin(cloud, server, transitions.start);
}

function remove(cloud: SimulatedCloud, draw: () => number): void {
  const server = someServer(cloud, draw);
  if (!server) return;
  cloud.servers.change(server.id, { taskState: 'deleting' });
  cloud.after('server delete', 'finish deletion', { id: server.id });
}

/** A new one that is like one there is. */
function create(cloud: SimulatedCloud, draw: () => number, number: number): void {
  const like = cloud.servers.nth(Math.floor(draw() * cloud.servers.ever));
  if (!like) return;
  const now = cloud.clock.now();
  const id = noiseUuid(cloud.seed, numberOf(cloud.name), number);
  const name = `churn-${String(number).padStart(5, '0')}`;
  const host = cloud.hosts.names[number % cloud.hosts.names.length]!;
  cloud.servers.add({
    ...like,
    id,
    name,
    host,
    hostname: name,
    vmState: 'building',
    taskState: 'spawning',
    createdAt: now,
    updatedAt: now,
    addresses: [addressOf(churnedFrom + number, id.slice(0, 8))],
    launchedAt: null,
    deletedAt: null,
    volumes: [],
    tags: [],
    fault: null,
    before: null,
    serverGroupId: null,
  });
  cloud.after('server build', 'boot server', { id });
}
