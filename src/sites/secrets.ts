/** Credentials at rest: AES-256-GCM with a key that lives outside the database. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Secrets {
  /** `bound` ties the text to its row: moved to another row it does not open. */
  seal(plain: string, bound: string): string;
  /** @throws Error when the key or `bound` is another than it was sealed with */
  open(sealed: string, bound: string): string;
}

/** @param key 32 bytes */
export function secretsWith(key: Buffer): Secrets {
  return {
    seal(plain, bound) {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(bound));
      const text = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return `v1.${Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64')}`;
    },
    open(sealed, bound) {
      const raw = Buffer.from(sealed.replace(/^v1\./, ''), 'base64');
      const decipher = createDecipheriv('aes-256-gcm', key, raw.subarray(0, 12)).setAAD(Buffer.from(bound));
      decipher.setAuthTag(raw.subarray(12, 28));
      return Buffer.concat([decipher.update(raw.subarray(28)), decipher.final()]).toString('utf8');
    },
  };
}

/**
 * The key from the environment, or from a file that is made at first use, readable by its owner alone.
 * @returns 32 bytes
 * @throws Error for what is no key
 */
export async function loadSecretKey(fromEnvironment: string | undefined, file: string): Promise<Buffer> {
  if (fromEnvironment) return parseKey(fromEnvironment, 'CASCADE_SECRET_KEY', 'correct it');
  return parseKey((await readIfThere(file)) ?? (await makeKey(file)), file, 'put back the file that was there before');
}

/** @param cure what to do about another text */
function parseKey(text: string, place: string, cure: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64');
  if (/^[\w+/-]{43}=?$/.test(text.trim()) && key.length === 32) return key;
  throw new Error(
    `${place} is not a secret key, which is 32 random bytes in base64 (44 characters, as from \`openssl rand -base64 32\`): ` +
      `${cure}; credentials of sites open only with the key that they were stored with`,
  );
}

const readIfThere = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });

async function makeKey(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  try {
    await writeFile(draft, randomBytes(32).toString('base64'), { mode: 0o600 });
    // Killed here, or with a full disk, there is a whole file or none; of two programs the first one's stays.
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, 'utf8');
}
