/** Passwords and secrets at rest: scrypt with a salt of their own, and the costs they were hashed with. */
import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';
import pLimit from 'p-limit';
import { Fault } from '@cascade/openstack-protocol/faults.js';

const scryptKey = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

const keyBytes = 32;
const longestQueue = 200;

export class SecretHasher {
  // A flood of logins must leave room in libuv's pool of four threads, which also reads files and resolves names.
  private readonly inTurn = pLimit(2);
  private readonly costs: { readonly N: number; readonly r: number; readonly p: number };
  private readonly nobodys: string;

  /** @param rounds log2 of scrypt's N, as Keystone's `password_hash_rounds`; with 15 it takes 32 MiB */
  constructor(rounds: number) {
    // What OWASP asks for at least: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt
    const p = { 17: 1, 16: 2, 15: 3 }[rounds] ?? 5;
    this.costs = { N: 2 ** rounds, r: 8, p };
    this.nobodys = written(this.costs, randomBytes(16), randomBytes(keyBytes));
  }

  /**
   * `scrypt$N$r$p$salt$key`, salt and key in base64.
   * @param isRandom for a generated secret: nobody guesses 512 random bits, however quick a guess is
   * @throws Fault 503 where too many wait already
   */
  async hash(plain: string, isRandom = false): Promise<string> {
    const costs = isRandom ? { N: 2 ** 10, r: 8, p: 1 } : this.costs;
    const salt = randomBytes(16);
    return written(costs, salt, await this.derive(plain, salt, keyBytes, costs));
  }

  /**
   * @param hash undefined for somebody who does not exist or has none: it takes the same time and is false
   * @throws Fault 503 where too many wait already
   */
  async matches(plain: string, hash: string | undefined): Promise<boolean> {
    const [, n, r, p, salt = '', key = ''] = (hash ?? this.nobodys).split('$');
    const wanted = Buffer.from(key, 'base64');
    const costsThen = { N: Number(n), r: Number(r), p: Number(p) };
    const seen = await this.derive(plain, Buffer.from(salt, 'base64'), wanted.length, costsThen);
    return timingSafeEqual(seen, wanted) && hash !== undefined;
  }

  private async derive(plain: string, salt: Buffer, bytes: number, costs: ScryptOptions): Promise<Buffer> {
    if (this.inTurn.pendingCount >= longestQueue) {
      const headers = { 'retry-after': '5' };
      throw new Fault('unavailable', 'Too many logins at once. Try again later.', { headers });
    }
    return this.inTurn(() => scryptKey(plain, salt, bytes, { ...costs, maxmem: 256 * 1024 * 1024 }));
  }
}

const written = ({ N, r, p }: { N: number; r: number; p: number }, salt: Buffer, key: Buffer): string =>
  ['scrypt', N, r, p, salt.toString('base64'), key.toString('base64')].join('$');
