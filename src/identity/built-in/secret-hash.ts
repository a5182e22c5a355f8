/** Passwords and secrets at rest: scrypt with a salt of their own, and the costs they were hashed with. */
import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { Fault } from '../../openstack/faults.js';

const scryptKey = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** 16 MiB, and about a third of a second of one core: what OWASP asks for at least. */
const costs = { N: 2 ** 14, r: 8, p: 5 };
/** For what nobody can guess, however quick a guess is: secrets of 512 random bits. */
const lowCosts = { N: 2 ** 10, r: 8, p: 1 };
const keyBytes = 32;

// A flood of logins must leave room in libuv's pool of four threads, which also reads files and resolves names.
const inTurn = pLimit(2);
const longestQueue = 200;

/** @throws Fault 503 where too many wait already */
function derive(plain: string, salt: Buffer, bytes: number, options: ScryptOptions): Promise<Buffer> {
  if (inTurn.pendingCount >= longestQueue) {
    const headers = { 'retry-after': '5' };
    return Promise.reject(new Fault('unavailable', 'Too many logins at once. Try again later.', { headers }));
  }
  return inTurn(() => scryptKey(plain, salt, bytes, { ...options, maxmem: 256 * 1024 * 1024 }));
}

/**
 * `scrypt$N$r$p$salt$key`, salt and key in base64.
 * @param isRandom for a secret that was generated, and so needs no slow hash
 */
export async function hashSecret(plain: string, isRandom = false): Promise<string> {
  const { N, r, p } = isRandom ? lowCosts : costs;
  const salt = randomBytes(16);
  const key = await derive(plain, salt, keyBytes, { N, r, p });
  return ['scrypt', N, r, p, salt.toString('base64'), key.toString('base64')].join('$');
}

/** @param hash undefined for somebody who does not exist or has none: it takes the same time and is false */
export async function isSecret(plain: string, hash: string | undefined): Promise<boolean> {
  const [, n, r, p, salt = '', key = ''] = (hash ?? nobodys).split('$');
  const wanted = Buffer.from(key, 'base64');
  const costsThen = { N: Number(n), r: Number(r), p: Number(p) };
  const seen = await derive(plain, Buffer.from(salt, 'base64'), wanted.length, costsThen);
  return timingSafeEqual(seen, wanted) && hash !== undefined;
}

const nobodys = `scrypt$${costs.N}$${costs.r}$${costs.p}$${randomBytes(16).toString('base64')}$${randomBytes(keyBytes).toString('base64')}`;
