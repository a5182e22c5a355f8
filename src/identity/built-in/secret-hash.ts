/** Passwords and secrets at rest: scrypt with a salt of their own, and the costs they were hashed with. */
import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';
import pLimit from 'p-limit';

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** 16 MiB and about 50 ms of one core. @see RFC 7914, OWASP's password storage recommendations */
const costs = { N: 2 ** 14, r: 8, p: 5 };
const keyBytes = 32;

// A flood of logins must leave room in libuv's pool of four threads, which also reads files and resolves names.
const inTurn = pLimit(2);

/** `scrypt$N$r$p$salt$key`, salt and key in base64. */
export async function hashSecret(plain: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await inTurn(() => derive(plain, salt, keyBytes, costs));
  return ['scrypt', costs.N, costs.r, costs.p, salt.toString('base64'), key.toString('base64')].join('$');
}

/** @param hash undefined for somebody who does not exist or has none: it takes the same time and is false */
export async function isSecret(plain: string, hash: string | undefined): Promise<boolean> {
  const [, n, r, p, salt = '', key = ''] = (hash ?? nobodys).split('$');
  const options = { N: Number(n), r: Number(r), p: Number(p), maxmem: 256 * 1024 * 1024 };
  const wanted = Buffer.from(key, 'base64');
  const seen = await inTurn(() => derive(plain, Buffer.from(salt, 'base64'), wanted.length, options));
  return timingSafeEqual(seen, wanted) && hash !== undefined;
}

const nobodys = `scrypt$${costs.N}$${costs.r}$${costs.p}$${randomBytes(16).toString('base64')}$${randomBytes(keyBytes).toString('base64')}`;
