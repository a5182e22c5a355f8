/**
 * The border between the cascade and one cloud: a proxy that passes everything on until it is told otherwise. Faults are
 * those of networks, load balancers and overloaded services; the cloud behind it is not told.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Agent, request } from 'undici';
import { faults, type Fault, type FaultName } from './faults.js';

export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

export interface Answered {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** Which requests a fault strikes. */
export type Scope = 'everything' | 'reads' | 'writes';

/** One request, and all that can be done with it. */
export interface Exchange {
  readonly asked: Asked;
  /** Lets the cloud do what is asked, or something else in its place. */
  pass(instead?: Partial<Asked>): Promise<Answered>;
  answer(answered: Answered): void;
  /** The first half of the bytes under headers that promise all of them. */
  answerHalf(answered: Answered): void;
  /** RST: whoever waits for the answer learns that none comes. */
  reset(): void;
  /** Nothing more is heard of it until the border is healed. */
  swallow(): void;
  /** What the cloud answered to the same question the last time. */
  readonly earlier: Answered | undefined;
}

// What belongs to one connection, or is counted anew.
const hopByHop = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect']);

export class Border {
  private readonly onward = new Agent({ keepAliveTimeout: 1_000, connections: 64 });
  private readonly earlier = new Map<string, Answered>();
  private readonly sockets = new Set<Socket>();
  private readonly swallowed = new Set<ServerResponse>();
  private active: { fault: Fault; scope: Scope }[] = [];
  private server: Server | undefined;
  private port = 0;

  /** @param cloud origin of the cloud, `http://127.0.0.1:1234` */
  constructor(private readonly cloud: string) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async open(): Promise<void> {
    const server = createServer(
      (incoming, response) => void this.serve(incoming, response).catch(() => response.destroy()),
    );
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** The fault strikes every request of its scope from now on; the one that was switched on last comes first. */
  suffer(name: FaultName, scope: Scope = 'everything'): void {
    this.active.unshift({ fault: faults[name], scope });
  }

  /** Nothing listens any more, and what was connected is cut off. */
  async refuse(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.sockets) socket.resetAndDestroy();
    await closed;
  }

  async heal(): Promise<void> {
    this.active = [];
    for (const response of this.swallowed) response.destroy();
    this.swallowed.clear();
    if (!this.server) await this.open();
  }

  async close(): Promise<void> {
    await this.refuse();
    await this.onward.destroy();
  }

  private async serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const asked: Asked = {
      method: incoming.method ?? 'GET',
      url: incoming.url ?? '/',
      headers: passedOn(incoming.headers),
      body: Buffer.concat(chunks),
    };
    const struck = this.active.find(({ scope }) => scope === 'everything' || (scope === 'reads') === isRead(asked));
    await (struck?.fault ?? faults.none)(this.exchange(asked, response));
  }

  private exchange(asked: Asked, response: ServerResponse): Exchange {
    const { earlier } = this;
    return {
      asked,
      earlier: earlier.get(asked.url),
      pass: async (instead = {}) => {
        const answered = await this.passOn({ ...asked, ...instead });
        if (isRead(asked)) earlier.set(asked.url, answered);
        return answered;
      },
      answer: ({ status, headers, body }) => {
        // 204 and 304 have no body, and no length either.
        const length = status === 204 || status === 304 ? {} : { 'content-length': String(body.length) };
        response.writeHead(status, { ...headers, ...length }).end(body);
      },
      answerHalf: ({ status, headers, body }) => {
        response.writeHead(status, { ...headers, 'content-length': String(body.length) });
        response.write(body.subarray(0, body.length / 2), () => response.destroy());
      },
      reset: () => void response.socket?.resetAndDestroy(),
      swallow: () => void this.swallowed.add(response),
    };
  }

  private async passOn({ method, url, headers, body }: Asked): Promise<Answered> {
    const answer = await request(`${this.cloud}${url}`, {
      dispatcher: this.onward,
      method: method as 'GET',
      headers,
      body: body.length > 0 ? body : null,
    });
    return {
      status: answer.statusCode,
      headers: passedOn(answer.headers),
      body: Buffer.from(await answer.body.arrayBuffer()),
    };
  }
}

const isRead = ({ method }: Asked): boolean => method === 'GET' || method === 'HEAD';

const passedOn = (headers: NodeJS.Dict<string | string[]>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name, value]) => value !== undefined && !hopByHop.has(name))
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value!]),
  );
