/** The addresses that servers listen on, and why one cannot be had, in words. */
import { createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';

export interface ListenAddress {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  /** 0 is any free one. */
  readonly port: number;
}

/** No server can listen there; the message says why, and what to do. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen';
  constructor(
    { host, port }: ListenAddress,
    /** Setting by which the address was chosen. */
    chosenBy: string,
    /** As in errno(3). */
    readonly code: string,
    cause: unknown,
  ) {
    const reason = reasons[code] ?? (() => `${(cause as Error).message}: choose another address with`);
    super(`cannot listen on ${addressOf({ host, port })}: ${reason(host)} ${chosenBy}`, { cause });
  }
}

const unknownHost = (host: string): string =>
  `the host name ${host} is not known on this machine: correct it, or use a number such as 127.0.0.1, in`;

const reasons: Readonly<Record<string, (host: string) => string>> = {
  EADDRINUSE: () => 'another program uses that port already: stop that program, or choose another port with',
  EACCES: () =>
    `user ${process.getuid?.() ?? ''} may not use this port (those below 1024 are root's): choose a higher one with`,
  EADDRNOTAVAIL: () =>
    'no network interface of this machine has that address: use one of its own, or 0.0.0.0 for all, in',
  EAFNOSUPPORT: () => 'this machine does not support that kind of address: choose another one with',
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
};

/** `host:port`, an IPv6 address in brackets. */
export const addressOf = ({ host, port }: ListenAddress): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** @throws CannotListen */
export async function listen(server: FastifyInstance, at: ListenAddress, chosenBy: string): Promise<void> {
  await server.listen({ host: at.host, port: at.port }).catch((error: unknown) => {
    throw cannotListen(at, chosenBy, error);
  });
}

/**
 * Whether a server could listen there now. Asked before anything is started that another program's port would make useless.
 * @throws CannotListen
 */
export async function requireListenable(at: ListenAddress, chosenBy: string): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen({ host: at.host, port: at.port, exclusive: true }, resolve);
    });
  } catch (error) {
    throw cannotListen(at, chosenBy, error);
  }
  await new Promise((resolve) => probe.close(resolve));
}

/** @returns the first port from `first` on that is free, of the `count` that are tried; 0 where none of them is */
export async function freePortFrom(host: string, first: number, count: number): Promise<number> {
  for (let port = first; port < Math.min(first + count, 65_536); port += 1) {
    const isFree = await requireListenable({ host, port }, '').then(
      () => true,
      () => false,
    );
    if (isFree) return port;
  }
  return 0;
}

const cannotListen = (at: ListenAddress, chosenBy: string, error: unknown): unknown => {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return code && syscall ? new CannotListen(at, chosenBy, code, error) : error;
};
