/** What processes have cost so far: CPU time and memory, with all their children, read from /proc (Linux). */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

interface ProcessTimes {
  readonly parent: number;
  /** Its own, and of the children it has outlived and waited for, in ticks. */
  readonly ticks: number;
}

/** @see proc_pid_stat(5): fields 4 (parent) and 14 to 17 (user, system, and the same of waited-for children) */
function timesOf(pid: number): ProcessTimes | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; what follows the last one does not.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return { parent: fields[1]!, ticks: fields[11]! + fields[12]! + fields[13]! + fields[14]! };
  } catch {
    return undefined; // it has ended meanwhile
  }
}

/** The processes with these ids and all that descend from them. */
function familyOf(roots: readonly number[]): Map<number, ProcessTimes> {
  const all = new Map<number, ProcessTimes>();
  for (const entry of readdirSync('/proc')) {
    const times = /^\d+$/.test(entry) ? timesOf(Number(entry)) : undefined;
    if (times) all.set(Number(entry), times);
  }
  const family = new Map([...all].filter(([pid]) => roots.includes(pid)));
  for (let before = -1; before !== family.size;) {
    before = family.size;
    for (const [pid, times] of all) if (family.has(times.parent)) family.set(pid, times);
  }
  return family;
}

/** @throws Error where one of them does not run: its cost would count as none */
export function assertRunning(roots: readonly number[]): void {
  for (const pid of roots) if (!timesOf(pid)) throw new Error(`process ${pid} does not run`);
}

/** Seconds of CPU that these processes and their children have used since they began. */
export function cpuSeconds(roots: readonly number[]): number {
  let ticks = 0;
  for (const times of familyOf(roots).values()) ticks += times.ticks;
  return ticks / ticksPerSecond;
}

export interface MemoryUse {
  /** The largest resident set of one process. */
  readonly largestMb: number;
  /** All processes together; what several share is counted once (PSS). */
  readonly totalMb: number;
}

export function memoryUse(roots: readonly number[]): MemoryUse {
  let largest = 0;
  let total = 0;
  for (const pid of familyOf(roots).keys()) {
    const [rss = 0, pss = 0] = memoryOf(pid);
    largest = Math.max(largest, rss);
    total += pss;
  }
  return { largestMb: largest / 1024, totalMb: total / 1024 };
}

/** Resident and proportional kilobytes of one process. */
function memoryOf(pid: number): number[] {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return ['Rss', 'Pss'].map((name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1] ?? 0));
  } catch {
    return []; // it has ended meanwhile, or is not ours to look at
  }
}
