/**
 * Ids in paths, queries and JSON: 36 characters as servers and images have them, 32 hexadecimal digits as projects and users
 * have them. Both in lower case, as every service writes them, and never a part of a longer run of digits (a host id, a hash).
 */

const noDigit = 255;
const hyphen = 0x2d;
const digitOf = new Uint8Array(256).fill(noDigit);
for (const [value, digit] of [...'0123456789abcdef'].entries()) digitOf[digit.charCodeAt(0)] = value;

const bareLength = 32;
const groupLengths = [8, 4, 4, 4, 12];
const hyphenatedLength = 36;

const isDigit = (bytes: Uint8Array, at: number): boolean => digitOf[bytes[at] ?? 0] !== noDigit;

/** Calls `found` with the place of each id; ends early where that returns true. */
export function eachId(bytes: Uint8Array, found: (at: number, length: number) => boolean | void): void {
  const shortest = groupLengths[0]!;
  // At each turn the byte before `at` is no digit. Nearly all text is passed over in steps of more than one byte.
  for (let at = 0; at + bareLength <= bytes.length;) {
    const gap = lastNonDigit(bytes, at, shortest);
    if (gap >= 0) {
      at = gap + 1;
      continue;
    }
    let end = at + shortest;
    while (end < bytes.length && isDigit(bytes, end)) end += 1;
    const length = end - at === bareLength ? bareLength : isHyphenated(bytes, at, end) ? hyphenatedLength : 0;
    if (length > 0 && found(at, length)) return;
    at = (length > 0 ? at + length : end) + 1;
  }
}

function lastNonDigit(bytes: Uint8Array, from: number, length: number): number {
  for (let at = from + length - 1; at >= from; at -= 1) if (!isDigit(bytes, at)) return at;
  return -1;
}

/** @param firstEnd where the first run of digits ends */
function isHyphenated(bytes: Uint8Array, from: number, firstEnd: number): boolean {
  if (firstEnd - from !== groupLengths[0]) return false;
  let at = firstEnd;
  for (const length of groupLengths.slice(1)) {
    if (bytes[at] !== hyphen || lastNonDigit(bytes, at + 1, length) >= 0) return false;
    at += 1 + length;
  }
  return !isDigit(bytes, at);
}

export function hasId(bytes: Uint8Array): boolean {
  let has = false;
  eachId(bytes, () => (has = true));
  return has;
}

export function isId(text: string): boolean {
  let is = false;
  eachId(Buffer.from(text), (at, length) => (is = at === 0 && length === text.length));
  return is;
}

/** Eight digits as a number; ids that differ, differ in their first or their last eight but for a few. */
export function eightDigits(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = at; i < at + 8; i += 1) value = (value << 4) | digitOf[bytes[i]!]!;
  return value;
}
