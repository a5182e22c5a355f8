/** What uwsgi does to uploads: a body with a large HTTP chunk, or one that stands still, is ended with its connection. */
import diagnostics from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

export interface ChunkGuard {
  /** The largest chunk of each body that came in chunks. */
  readonly largest: number[];
  /** Connections that were ended. */
  readonly ended: string[];
  stop(): void;
}

interface Limits {
  readonly port: number;
  readonly mostInChunk: number;
  readonly stillMs: number;
}

/** Minds the uploads to a server of this process. */
export function guardChunks({ port, mostInChunk, stillMs }: Limits): ChunkGuard {
  const [largest, ended]: [number[], string[]] = [[], []];
  const onSocket = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    if (socket.localPort === port) mind(socket);
  };
  function mind(socket: Socket): void {
    const end = (why: string): void => {
      ended.push(why);
      socket.resetAndDestroy();
    };
    let rest = Buffer.alloc(0);
    let toSkip = 0;
    let isUpload = false;
    let timer: NodeJS.Timeout | undefined;
    const readHead = (): boolean => {
      const at = rest.indexOf('\r\n\r\n');
      if (at < 0) return false;
      const head = rest.subarray(0, at).toString('latin1').toLowerCase();
      isUpload = head.startsWith('put ') && head.includes('transfer-encoding: chunked');
      toSkip = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
      if (isUpload) largest.push(0);
      rest = rest.subarray(at + 4);
      return true;
    };
    const readChunk = (): boolean => {
      const at = rest.indexOf('\r\n');
      if (at < 0) return false;
      const size = parseInt(rest.subarray(0, at).toString('latin1'), 16);
      largest[largest.length - 1] = Math.max(largest.at(-1)!, size);
      if (size > mostInChunk) end(`a chunk of ${size}`);
      if (size === 0) isUpload = false;
      rest = rest.subarray(at + 2);
      toSkip = size + 2;
      return true;
    };
    socket.on('close', () => clearTimeout(timer));
    socket.on('data', (data: Buffer) => {
      clearTimeout(timer);
      rest = Buffer.concat([rest, data]);
      do {
        const skipped = Math.min(toSkip, rest.length);
        toSkip -= skipped;
        rest = rest.subarray(skipped);
      } while (toSkip === 0 && rest.length > 0 && (isUpload ? readChunk() : readHead()));
      if (isUpload) timer = setTimeout(() => end('it stood still'), stillMs);
    });
  }
  diagnostics.subscribe('net.server.socket', onSocket);
  return { largest, ended, stop: () => void diagnostics.unsubscribe('net.server.socket', onSocket) };
}
