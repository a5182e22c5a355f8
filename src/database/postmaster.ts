import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** What the running server says of itself in `postmaster.pid`. */
export interface Postmaster {
  pid: number;
  socketDirectory: string;
  port: number;
  status: 'starting' | 'stopping' | 'ready' | 'standby' | 'unknown';
}

/**
 * The server that runs on this directory now. `stale` means there is a postmaster.pid whose process is gone, or is
 * some other program that was given the same number (usual when a container starts again).
 */
export async function readPostmaster(pgData: string): Promise<Postmaster | 'stale' | undefined> {
  const text = await readFile(path.join(pgData, 'postmaster.pid'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // pid, data directory, start time, port, socket directory, listen address, shared memory, status
  const lines = text.split('\n').map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!(pid > 0) || !(await isPostmaster(pid, pgData))) return 'stale';
  return {
    pid,
    port: Number(lines[3]),
    socketDirectory: lines[4] ?? '',
    status: (lines[7] || 'unknown') as Postmaster['status'],
  };
}

/** Whether that process is a postgres of this directory. A zombie has no arguments, so it is not. */
export async function isPostmaster(pid: number, pgData: string): Promise<boolean> {
  const args = await argumentsOf(pid);
  return path.basename(args.split(/[\0 ]/)[0] ?? '') === 'postgres' && args.includes(pgData);
}

async function argumentsOf(pid: number): Promise<string> {
  if (process.platform === 'linux') return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return stdout;
}

/** Sends a signal, 0 only asks. False when there is no such process. */
export function kill(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

export const isAlive = (pid: number): boolean => pid > 0 && kill(pid, 0);
