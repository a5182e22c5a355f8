/** WebSockets to consoles: once the site has agreed, bytes go both ways as they come, held back by the slower side. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { ConsoleLink } from './link-table.js';
import { silent } from './relay-file.js';
import { openSiteSocket } from './site-socket.js';

export interface SocketLimits {
  /** Milliseconds for the site to agree. */
  readonly handshakeMs: number;
  /** Milliseconds without a byte either way. */
  readonly idleMs: number;
  /** Consoles open at once through this process. */
  readonly open: number;
}

/** Milliseconds for the second side to end after the first. */
const lastWordsMs = 5_000;

export class SocketRelay {
  private readonly clients = new Set<Socket>();

  constructor(
    private readonly log: Logger,
    private readonly limits: SocketLimits,
  ) {}

  /** @throws Fault 503 where too many are open */
  requireRoom(): void {
    if (this.clients.size < this.limits.open) return;
    throw new Fault('unavailable', 'Too many consoles are open. Try again later.');
  }

  /** @throws Fault 502, after which `client` is still to be answered */
  async join(link: ConsoleLink, request: IncomingMessage, client: Socket, head: Buffer): Promise<void> {
    if (client.destroyed) return;
    const named = { site: link.siteName, serverId: link.serverId };
    this.clients.add(client);
    client.once('close', () => this.clients.delete(client));
    const site = await openSiteSocket(link, request, this.limits.handshakeMs).catch((error: Error) => {
      const reason = (error as NodeJS.ErrnoException).code ?? error.message;
      this.log.warn({ event: 'console.no_socket', ...named, reason }, "a site's console does not answer");
      throw silent(link);
    });
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', ...site.handshake];
    client.write(`${lines.join('\r\n')}\r\n\r\n`);
    client.write(site.head);
    site.socket.write(head);
    this.log.info({ event: 'console.opened', ...named }, 'a console is open');
    client.once('close', () => this.log.info({ event: 'console.closed', ...named }, 'a console is closed'));
    bind(client, site.socket, this.limits.idleMs);
  }

  close(): void {
    for (const client of this.clients) client.destroy();
  }
}

/** What comes from one goes to the other; both end together. */
function bind(a: Socket, b: Socket, idleMs: number): void {
  const close = (): void => {
    a.destroy();
    b.destroy();
  };
  // A byte one way keeps both sides awake, since it is read on one socket and written on the other.
  for (const socket of [a, b]) {
    socket.setNoDelay(true).setKeepAlive(true, 30_000).setTimeout(idleMs, close);
    socket.once('error', close).once('close', close);
    socket.once('end', () => [a, b].forEach((one) => one.setTimeout(lastWordsMs)));
  }
  a.pipe(b);
  b.pipe(a);
  if (a.destroyed || b.destroyed) close();
}
