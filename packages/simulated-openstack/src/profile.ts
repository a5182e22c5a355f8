/** How long a cloud takes: to answer, and for what it does behind its answers. Recorded from real clouds. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { tasks, usualDurations, type Durations, type Task } from './durations.js';

const isServiceAndVerb = /^(identity|compute|volume|network|image|placement) (GET|HEAD|POST|PUT|PATCH|DELETE)$/;

const latency = z
  .strictObject({ p50: z.number().nonnegative(), p95: z.number().nonnegative() })
  .refine(({ p50, p95 }) => p95 >= p50, { message: 'p95 is less than p50' });

const file = z.strictObject({
  /** Where and when it was recorded. */
  recorded: z.string().optional(),
  /** Milliseconds until the answer: `{"compute GET": {"p50": 40, "p95": 95}}`. */
  latencies: z.record(z.string(), latency).superRefine((rows, context) => {
    for (const key of Object.keys(rows)) {
      if (!isServiceAndVerb.test(key))
        context.addIssue({ code: 'custom', path: [key], message: 'is no service and verb' });
    }
  }),
  /** Milliseconds a task takes usually: `{"server build": 6000}`. */
  durations: z.partialRecord(z.enum(tasks as [Task, ...Task[]]), z.number().nonnegative()).default({}),
});

export interface Profile {
  readonly latencies: Readonly<Record<string, { readonly p50: number; readonly p95: number }>>;
  readonly durations: Durations;
}

/** A profile that cannot be used. Its words name the line. */
export class BadProfile extends Error {}

/** @param name `zed` (recorded), `none`, or a file @throws BadProfile, Error where there is no such file */
export async function profileNamed(name: string): Promise<Profile | undefined> {
  if (name === 'none') return undefined;
  const path = name === 'zed' ? new URL('profiles/zed.json', import.meta.url) : name;
  return parseProfile(await readFile(path, 'utf8'), name);
}

/** @throws BadProfile */
export function parseProfile(text: string, name: string): Profile {
  const parsed = file.safeParse(jsonIn(text, name));
  if (parsed.success) {
    const { latencies, durations } = parsed.data;
    return { latencies, durations: { ...usualDurations, ...durations } };
  }
  const { path, message } = parsed.error.issues[0]!;
  throw new BadProfile(`${name}:${lineOf(text, path)}: ${[path.join('.'), message].filter(Boolean).join(': ')}`);
}

function jsonIn(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const at = /position (\d+)/.exec(message)?.[1];
    const line = linesUpTo(text, at === undefined ? text.length : Number(at));
    throw new BadProfile(`${name}:${line}: ${message.replace(/ in JSON at position.*$/, '')}`);
  }
}

const linesUpTo = (text: string, at: number): number => text.slice(0, at).split('\n').length;

/** The line of the last key of a path that the text has. */
function lineOf(text: string, path: readonly PropertyKey[]): number {
  let at = 0;
  for (const step of path) {
    const found = text.indexOf(JSON.stringify(String(step)), at);
    if (found < 0) break;
    at = found;
  }
  return linesUpTo(text, at);
}

/** Draws latencies: half are below p50, one in twenty above p95, as a log-normal distribution has it. */
export function latencyOf({ latencies }: Pick<Profile, 'latencies'>, draw: () => number) {
  return (service: string, method: string): number => {
    const row = latencies[`${service} ${method}`];
    if (!row || row.p50 === 0) return 0;
    return row.p50 * Math.exp((Math.log(row.p95 / row.p50) / 1.645) * normal(draw));
  };
}

/** @see https://en.wikipedia.org/wiki/Box-Muller_transform */
const normal = (draw: () => number): number => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
