/** Where the links to consoles lead: `/console/<token>/…` for the page's files and, once for each link, the WebSocket. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Headers } from '@cascade/openstack-protocol/message.js';
import { publicUrl } from '@cascade/openstack-protocol/server/public-url.js';
import type { ConsoleLinks } from './link-table.js';
import { mayOpen } from './origin.js';
import { FileRelay } from './relay-file.js';
import { SocketRelay, type SocketLimits } from './relay-socket.js';
import { fileAsked, tokenAsked } from './tenant-url.js';
import { handBack, wantsWebSocket } from './upgrade.js';

export interface ConsoleOptions {
  readonly log: Logger;
  /** Public URL where no proxy headers tell it. */
  readonly publicEndpoint?: string | undefined;
  /** Hosts, besides our own, whose pages may open consoles. @see nova.conf [console] allowed_origins */
  readonly allowedHosts?: readonly string[];
  readonly limits?: Partial<SocketLimits>;
}

const defaults: SocketLimits = { handshakeMs: 10_000, idleMs: 3_600_000, open: 2_000 };

/** Adds the consoles to a server that does not listen yet; they close with it. */
export function openConsoles(server: FastifyInstance, links: ConsoleLinks, options: ConsoleOptions): void {
  const { log } = options;
  const files = new FileRelay(log);
  const sockets = new SocketRelay(log, { ...defaults, ...options.limits });

  const answerFile = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    try {
      const asked = fileAsked(request.raw.url ?? '');
      if (!asked) throw new Fault('not-found', 'There is no such console.');
      const root = `${publicUrl(flat(request.raw), options.publicEndpoint)}/console/${asked.token}/`;
      const answer = await files.fetch(await links.find(asked.token), asked.file, asked.token, root);
      return await reply.code(answer.status).headers(answer.headers).send(answer.body);
    } catch (error) {
      const fault = faultOf(log, error);
      return reply.code(fault.status).header('cache-control', 'no-store').type('text/plain').send(`${fault.message}\n`);
    }
  };

  const answerSocket = async (request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> => {
    socket.on('error', () => socket.destroy());
    try {
      const token = tokenAsked(request.url ?? '', request.headers.cookie);
      if (token === undefined) throw new Fault('not-found', 'There is no such console.');
      const root = publicUrl(flat(request), options.publicEndpoint);
      if (!mayOpen(request.headers.origin, root, options.allowedHosts ?? [])) {
        throw new Fault('forbidden', 'Pages of this origin may not open consoles.');
      }
      sockets.requireRoom();
      await sockets.join(await links.open(token), request, socket, head);
    } catch (error) {
      refuse(socket, faultOf(log, error));
    }
  };

  server.route({ method: ['GET', 'HEAD'], url: '/console/*', handler: answerFile });
  server.server.on('upgrade', (request, socket: Socket, head) => {
    if (wantsWebSocket(request)) void answerSocket(request, socket, head);
    else handBack(server.server, request, socket, head);
  });
  server.addHook('preClose', async () => {
    sockets.close();
    await files.close();
  });
}

// Without a body: scripts are shown none, and Tempest takes whatever follows the head for frames.
function refuse(socket: Socket, fault: Fault): void {
  const head = `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status] ?? ''}`;
  socket.end(`${head}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroySoon());
}

// What is logged never has the request's URL in it: the token is there.
function faultOf(log: Logger, error: unknown): Fault {
  if (error instanceof Fault) return error;
  log.error({ event: 'console.failed', err: error }, 'a console request failed');
  return new Fault('internal', 'An unexpected error prevented the server from fulfilling your request.');
}

function flat(request: IncomingMessage): Headers {
  const headers: Headers = {};
  for (const [name, value] of Object.entries(request.headers)) if (typeof value === 'string') headers[name] = value;
  return headers;
}
