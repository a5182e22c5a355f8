/** A real HTTP server on loopback with faults to switch on: the border at which tests replace the world. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export type Json = Record<string, unknown>;

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Json;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** What happens to a request instead of its answer. `work` does what was asked and gives the answer. */
type Fault = (work: () => Reply, response: ServerResponse) => void;

export class FakeServer {
  /** Every request, in the order in which they came. */
  readonly requests: ReceivedRequest[] = [];
  private faults: { on: RegExp; act: Fault }[] = [];
  private held: (() => void)[] = [];
  private server: Server | undefined;
  private port = 0;

  constructor(private readonly answer: (asked: ReceivedRequest) => Reply) {}

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.serve(request, response));
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.server = server;
  }

  /** Nothing listens any more: connections are refused until it recovers. */
  async refuse(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    await new Promise((closed) => {
      server?.close(closed);
      server?.closeAllConnections();
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Requests like `POST /servers`, as `METHOD path`. */
  requestsLike(what: RegExp): ReceivedRequest[] {
    return this.requests.filter((asked) => what.test(`${asked.method} ${asked.path}`));
  }

  /** It accepts, and never answers; when it recovers, what it had accepted is lost. */
  fallSilent(on = /./): void {
    this.fault(on, (_work, response) => void this.held.push(() => response.destroy()));
  }

  /** It does what it is asked, and the answer gets lost on the way. */
  loseAnswers(on = /./): void {
    this.fault(on, (work, response) => {
      work();
      response.destroy();
    });
  }

  /** It does what it is asked at once, and answers when it recovers. */
  beSlow(on = /./): void {
    this.fault(on, (work, response) => {
      const reply = work();
      this.held.push(() => send(response, reply));
    });
  }

  fail(
    status: number,
    on = /./,
    body: unknown = { error: { code: status, message: 'broken' } },
    times = Infinity,
  ): void {
    let left = times;
    this.fault(on, (work, response) => send(response, left-- > 0 ? { status, body } : work()));
  }

  /** JSON that breaks off in the middle, under headers that promise no more. */
  cutJson(on = /./): void {
    this.fault(on, (work, response) => {
      const { status, body } = work();
      const text = JSON.stringify(body ?? {});
      response.writeHead(status, { 'content-type': 'application/json' }).end(text.slice(0, text.length / 2));
    });
  }

  redirect(to: string, on = /./): void {
    this.fault(on, (_work, response) => send(response, { status: 302, headers: { location: to } }));
  }

  async recover(): Promise<void> {
    this.faults = [];
    this.held.splice(0).forEach((release) => release());
    if (!this.server) await this.start();
  }

  /** The last fault that fits a request is the one that happens. */
  private fault(on: RegExp, act: Fault): void {
    this.faults.unshift({ on, act });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const url = new URL(request.url ?? '/', this.url);
    const asked: ReceivedRequest = {
      method: request.method ?? '',
      path: decodeURIComponent(url.pathname).replace(/\/+/g, '/'), // as WSGI servers hand it over
      query: url.searchParams,
      headers: request.headers,
      body: parse(Buffer.concat(chunks).toString()),
    };
    this.requests.push(asked);
    const fault = this.faults.find(({ on }) => on.test(`${asked.method} ${url.pathname}${url.search}`));
    if (fault) fault.act(() => this.answer(asked), response);
    else send(response, this.answer(asked));
  }
}

function parse(text: string): Json {
  try {
    return (JSON.parse(text) ?? {}) as Json;
  } catch {
    return {};
  }
}

function send(response: ServerResponse, { status, body, headers }: Reply): void {
  response.writeHead(status, { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}
