/** Counted checks against real clouds: a line each, `ok  NAME SECONDS` or `FAIL NAME: WHY`, and on to the next. */
import { setTimeout as delay } from 'node:timers/promises';

let passed = 0;
let failed = 0;

export async function check(name: string, work: () => Promise<void>): Promise<void> {
  const start = Date.now();
  try {
    await work();
    passed += 1;
    console.log(`ok  ${name} ${((Date.now() - start) / 1000).toFixed(1)}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}: ${(error as Error).message}`);
  }
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** @throws Error when it does not hold in time; a look that fails is a look at which it does not hold */
export async function eventually(what: string, seconds: number, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await delay(200)) {
    if (await holds().catch(() => false)) return;
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}

/** Runs all the checks, tidies whatever they came to, and ends the program. */
export async function conclude(title: string, checks: () => Promise<void>, tidy: () => Promise<void>): Promise<never> {
  try {
    await checks();
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${title}: ${(error as Error).message}`);
  } finally {
    await tidy();
  }
  console.log(`${title}: ${passed} passed, ${failed} failed`);
  process.exit(failed > 0 ? 1 : 0);
}
