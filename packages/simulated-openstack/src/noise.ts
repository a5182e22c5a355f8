/** Numbers that look random and are not: the same seed makes the same cloud, on any machine. */

/** 32 bits that depend on every part. @see https://github.com/skeeto/hash-prospector (lowbias32) */
export function noise(seed: number, ...parts: readonly number[]): number {
  let hash = mix(seed | 0);
  for (const part of parts) hash = mix(hash ^ mix(part | 0));
  return hash >>> 0;
}

function mix(value: number): number {
  let x = value + 0x9e3779b9;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return x ^ (x >>> 15);
}

/** A number from 0 up to, not including, 1. */
export const share = (seed: number, ...parts: readonly number[]): number => noise(seed, ...parts) / 2 ** 32;

/** A number for a word, to be used as a part. */
export function numberOf(word: string): number {
  let hash = 0;
  for (let at = 0; at < word.length; at += 1) hash = mix(hash ^ word.charCodeAt(at));
  return hash >>> 0;
}

const hex = (value: number, digits: number): string => (value >>> 0).toString(16).padStart(8, '0').slice(-digits);

/** A UUID (version 4 in form) made of noise. */
export function noiseUuid(seed: number, ...parts: readonly number[]): string {
  const [a, b, c, d] = [1, 2, 3, 4].map((word) => noise(seed, ...parts, word)) as [number, number, number, number];
  return `${hex(a, 8)}-${hex(b >>> 16, 4)}-4${hex(b, 3)}-${(8 + (c & 3)).toString(16)}${hex(c >>> 8, 3)}-${hex(c >>> 20, 4)}${hex(d, 8)}`;
}

/** Draws one number after the other. */
export function sequence(seed: number): () => number {
  let at = 0;
  return () => share(seed, (at += 1));
}
