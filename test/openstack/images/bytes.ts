/** The bytes of an image on their way in and out, and what they are: never held, whatever their size. */
import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { request } from 'undici';

const chunkBytes = 1024 * 1024;

/** Random bytes, which no store can shrink, and the SHA-512 of them. */
export async function randomFile(path: string, megabytes: number): Promise<string> {
  const hash = createHash('sha512');
  function* chunks(): Generator<Buffer> {
    for (let at = 0; at < megabytes; at += 1) {
      const chunk = randomFillSync(Buffer.allocUnsafe(chunkBytes));
      hash.update(chunk);
      yield chunk;
    }
  }
  await pipeline(Readable.from(chunks()), createWriteStream(path));
  return hash.digest('hex');
}

/** SHA-512 of what a Glance gives out as an image's bytes. @throws Error for any answer but 200 */
export async function hashOfImage(imageRoot: string, id: string, token: string): Promise<string> {
  const { statusCode, body } = await request(`${imageRoot}/images/${id}/file`, {
    headers: { 'x-auth-token': token },
    headersTimeout: 120_000,
    bodyTimeout: 120_000,
  });
  const hash = createHash('sha512');
  await pipeline(body, hash);
  if (statusCode !== 200) throw new Error(`the bytes of ${id}: ${statusCode}`);
  return hash.digest('hex');
}

/** An upload from a file; how it was answered. */
export async function uploadFile(imageRoot: string, id: string, path: string, token: string): Promise<number> {
  const { statusCode, body } = await request(`${imageRoot}/images/${id}/file`, {
    method: 'PUT',
    headers: { 'x-auth-token': token, 'content-type': 'application/octet-stream' },
    body: createReadStream(path),
    headersTimeout: 600_000,
  });
  await body.dump();
  return statusCode;
}
