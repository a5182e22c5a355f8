/**
 * A Bloom filter of ids: says of nearly all that are not in it that they are not, and of none that is in it. Two bytes an id at
 * the least, four on average, where a Map takes about two hundred.
 */
import { eightDigits } from './ids-in-bytes.js';

const bitsPerId = 16;
const probes = 5;

export class IdFilter {
  private readonly words: Uint32Array;
  private readonly mask: number;
  /** Ids that were added, those that were added twice counted twice. */
  size = 0;

  /** @param capacity ids for which it is as good as it is meant to be: one of some 4,000 others is taken for one of them */
  constructor(readonly capacity: number) {
    const bits = 2 ** Math.ceil(Math.log2(Math.max(capacity, 64) * bitsPerId));
    this.words = new Uint32Array(bits / 32);
    this.mask = bits - 1;
  }

  add(id: string): void {
    const bytes = Buffer.from(id, 'latin1');
    const [first, step] = hashes(bytes, 0, bytes.length);
    let hash = first;
    for (let probe = 0; probe < probes; probe += 1) {
      const bit = hash & this.mask;
      this.words[bit >>> 5]! |= 1 << (bit & 31);
      hash = (hash + step) | 0;
    }
    this.size += 1;
  }

  /** @param length of the id that begins `at` */
  mayHave(bytes: Uint8Array, at: number, length: number): boolean {
    const [first, step] = hashes(bytes, at, length);
    let hash = first;
    for (let probe = 0; probe < probes; probe += 1) {
      const bit = hash & this.mask;
      if ((this.words[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
      hash = (hash + step) | 0;
    }
    return true;
  }
}

function hashes(bytes: Uint8Array, at: number, length: number): [number, number] {
  const [first, last] = [eightDigits(bytes, at), eightDigits(bytes, at + length - 8)];
  return [mixed(first ^ Math.imul(last, 0x9e3779b1)), mixed(last ^ Math.imul(first, 0x85ebca6b)) | 1];
}

/** MurmurHash3's finalizer: every bit of the input decides about every bit of the result. */
function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
