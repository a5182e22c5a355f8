/** The fewest prefixes that hold the same addresses. */
import { formatPrefix, parsePrefix, prefixAt, type Prefix } from './ip-addresses.js';

/** Exactly the addresses of some prefixes, no more and no fewer, in order; what is no prefix is left out. */
export function unionOf(texts: Iterable<string>): string[] {
  const sorted = [...new Set(texts)]
    .flatMap((text) => parsePrefix(text) ?? [])
    .sort((a, b) => a.version - b.version || compare(a.first, b.first) || a.length - b.length);
  const united: Prefix[] = [];
  for (const prefix of sorted) {
    const last = united.at(-1);
    if (last && last.version === prefix.version && prefix.last <= last.last) continue;
    united.push(prefix);
    while (joinLastTwo(united));
  }
  return united.map(formatPrefix);
}

/** Two halves of one prefix become it. @returns whether they did */
function joinLastTwo(united: Prefix[]): boolean {
  const [low, high] = united.slice(-2);
  if (!low || !high || low.version !== high.version || low.length !== high.length || low.length === 0) return false;
  const whole = prefixAt({ version: low.version, value: low.first }, low.length - 1);
  if (whole.first !== low.first || whole.last !== high.last) return false;
  united.splice(-2, 2, whole);
  return true;
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
