/** The bytes of images: on disk, in a directory of the cloud's own, made when it is first needed. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface Written {
  /** Bytes. */
  readonly size: number;
  /** MD5, in hexadecimal digits. */
  readonly checksum: string;
  /** SHA-512, in hexadecimal digits. */
  readonly os_hash_value: string;
}

/** Bytes that are the same in all clouds and need no disk: those of the images a fresh cloud has. */
const small = Buffer.from('A small image of a simulated cloud: nothing in it boots. '.repeat(1024).slice(0, 0xc000));
export const smallImage: Written = {
  size: small.length,
  checksum: createHash('md5').update(small).digest('hex'),
  os_hash_value: createHash('sha512').update(small).digest('hex'),
};

/** Where staged bytes wait. */
export const staged = (imageId: string): string => `${imageId}.staged`;

/** Inclusive, as in HTTP. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export class ImageBytes {
  private directory: Promise<string> | undefined;
  /** True where it outlives the program. */
  private isLasting = false;
  private readonly written = new Set<string>();

  /** From now on bytes are in a directory that outlives the program; what an earlier one has kept there is there. */
  async keepIn(directory: string): Promise<void> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    this.directory = Promise.resolve(directory);
    this.isLasting = true;
    for (const name of await readdir(directory)) this.written.add(name);
  }

  /** Removes what came in half, and what nobody has any more. */
  async removeOthers(isKept: (name: string) => boolean): Promise<void> {
    for (const name of [...this.written]) if (!isKept(name)) await this.remove(name);
  }

  has(name: string): boolean {
    return this.written.has(name);
  }

  /** Keeps a stream, whole or not at all. @throws the stream's error, or the disk's */
  async write(name: string, source: Readable): Promise<Written> {
    const path = await this.pathOf(name);
    const [md5, sha512] = [createHash('md5'), createHash('sha512')];
    let size = 0;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        size += chunk.length;
        md5.update(chunk);
        sha512.update(chunk);
        done(null, chunk);
      },
    });
    try {
      await pipeline(source, count, createWriteStream(`${path}.part`, { flush: this.isLasting }));
      await rename(`${path}.part`, path);
    } catch (error) {
      await rm(`${path}.part`, { force: true });
      throw error;
    }
    this.written.add(name);
    return { size, checksum: md5.digest('hex'), os_hash_value: sha512.digest('hex') };
  }

  /** Bytes nobody wrote are those of the small image. */
  async read(name: string, range?: ByteRange): Promise<Readable> {
    if (this.written.has(name)) return createReadStream(await this.pathOf(name), range);
    return Readable.from([range ? small.subarray(range.start, range.end + 1) : small]);
  }

  async remove(name: string): Promise<void> {
    if (this.written.delete(name)) await rm(await this.pathOf(name), { force: true });
  }

  async close(): Promise<void> {
    if (this.directory && !this.isLasting) await rm(await this.directory, { recursive: true, force: true });
  }

  private async pathOf(name: string): Promise<string> {
    this.directory ??= mkdtemp(join(tmpdir(), 'simulated-images-'));
    return join(await this.directory, name);
  }
}
