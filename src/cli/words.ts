/** How the command speaks. */

/** One line to standard output. */
export const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** `10,000` */
export const grouped = (count: number): string => count.toLocaleString('en-US');

/** `3 s`, `12 min`, `5 h`, `9 days` */
export function ago(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** To standard error, where it stays out of files and pipes. */
export const warn = (text: string): void => void process.stderr.write(`cascade: warning: ${text}\n`);

/** `flavor 12, keypair 3`; `nothing` for none. */
export const counted = (counts: Record<string, number>): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${grouped(count)}`)
    .join(', ') || 'nothing';
