/** Whether as many servers as are asked for can be held. */
import { freemem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { mostServers } from './compute/servers/population.js';

// Measured with Node 20: 100 clouds of 10,000 servers that nobody touched are 292 MB; a touched server is 1.4 KB of heap.
const processBytes = 120e6;
const cloudBytes = 2.5e6;
/** One that nobody has touched is computed, and costs a bit that says whether it is gone. */
const untouchedBytes = 1 / 8;
const touchedBytes = 1_500;
/** Servers are touched by churn, and forgotten a day after they are deleted; this is how long a run is planned for. */
const minutesPlanned = 60;

export interface Plan {
  readonly sites: number;
  /** In each. */
  readonly servers: number;
  readonly churnPerMinute: number;
}

export function bytesNeeded({ sites, servers, churnPerMinute }: Plan): number {
  const touched = Math.min(1, churnPerMinute * minutesPlanned);
  return processBytes + sites * (cloudBytes + servers * (untouchedBytes + touched * touchedBytes));
}

export const bytesAvailable = (): number => Math.min(getHeapStatistics().heap_size_limit, freemem());

const inGb = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** @throws Error that says how much is missing */
export function requireMemory(plan: Plan, available = bytesAvailable()): void {
  if (plan.servers > mostServers) {
    throw new Error(`a simulated cloud has ${mostServers.toLocaleString('en')} servers at most`);
  }
  const needed = bytesNeeded(plan);
  if (needed <= available) return;
  const total = (plan.sites * plan.servers).toLocaleString('en');
  throw new Error(
    `${plan.sites} clouds with ${total} servers need about ${inGb(needed)} of memory, and ${inGb(available)} are there. ` +
      'Ask for fewer, or give Node more: NODE_OPTIONS=--max-old-space-size=<MB>.',
  );
}
