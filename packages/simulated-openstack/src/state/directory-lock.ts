/** One program at a time writes a directory. What says so is a socket that listens: it ends with the program, however that ends. */
import { createHash } from 'node:crypto';
import { realpath, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Another program has the directory. */
export class DirectoryBusy extends Error {
  constructor(directory: string) {
    super(`${directory} is another program's: two of them would spoil what it keeps`);
  }
}

/**
 * @returns how to give it back
 * @throws DirectoryBusy
 */
export async function takeDirectory(directory: string): Promise<() => Promise<void>> {
  // A socket's path is short: that of the directory may be too long for one.
  const name = createHash('sha256')
    .update(await realpath(directory))
    .digest('hex')
    .slice(0, 24);
  const path = join(tmpdir(), `simulated-${name}.socket`);
  const server = (await listening(path)) ?? (await afterTheDead(path));
  if (!server) throw new DirectoryBusy(directory);
  return () => new Promise((resolve) => server.close(() => resolve()));
}

async function afterTheDead(path: string): Promise<Server | undefined> {
  if (await answers(path)) return undefined;
  await rm(path, { force: true });
  return listening(path);
}

/** Undefined where the path is taken. */
const listening = (path: string): Promise<Server | undefined> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(path, () => resolve(server.unref()));
  });

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve((socket.destroy(), true)));
    socket.once('error', () => resolve(false));
  });
