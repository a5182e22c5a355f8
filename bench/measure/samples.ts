/** Many measurements of one thing, and what is said of them. */

/** The value below which `share` (0 … 1) of them lie; the nearest of those measured. NaN for none. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** Three digits that matter, as people read them: 0.0123, 1.23, 12.3, 1230. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 5));
}

/** How many times cheaper: `1/23`, or `1.3` where it is dearer. */
export const ratio = (mine: number, theirs: number): string =>
  mine < theirs / 1.5 ? `1/${figure(theirs / mine)}` : figure(mine / theirs);

export const row = (...cells: (string | number)[]): string => `| ${cells.join(' | ')} |\n`;

/** The head of a Markdown table. */
export const head = (...cells: string[]): string => row(...cells) + `|${'---|'.repeat(cells.length)}\n`;
