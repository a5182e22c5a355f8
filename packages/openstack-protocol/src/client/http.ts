/** The one place that opens connections to other clouds. */
import type { Readable } from 'node:stream';
import { Agent, request as undiciRequest } from 'undici';
import type { Headers, OpenStackResponse } from '../message.js';
import { CallerGone, relay } from './relay.js';

/** No answer came. Whether the other side took the request is known only where `notTaken` says so. */
export class NoAnswer extends Error {
  constructor(
    message: string,
    /** True only when the request certainly never reached the other side (connection refused, name unknown). */
    readonly notTaken: boolean,
  ) {
    super(message);
    this.name = 'NoAnswer';
  }
}

export interface HttpOptions {
  /** Connections to one origin; requests beyond it wait. */
  readonly connections: number;
  /** False accepts any certificate (`--insecure`). */
  readonly verifyTls: boolean;
}

export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body?: Buffer | Readable;
  /** Milliseconds until the answer's headers must be here, and then between any two pieces of its body. */
  readonly deadlineMs: number;
  /** Bytes that may take hours, one way or the other: they take none of the connections that other calls wait for. */
  readonly bulk?: boolean | undefined;
}

// A site that has taken no byte of an upload for so long, or not answered since its last one, is silent. Stores may work
// for minutes on what they were given before they say that it is safe.
const uploadTimeoutMs = 600_000;

// A store may pause in the middle of an image.
const bulkPauseMs = 60_000;

// A connection that failed before a byte was sent. A reset or a time-out later says nothing about what was done.
const refusals = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

// The other side closed a connection that was open: as a rule one that had been idle, in the moment in which we used it.
const hangUps = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);
const idempotent = new Set(['GET', 'HEAD', 'PUT', 'DELETE']);

export class HttpClient {
  private readonly agent: Agent;
  private readonly bulkAgent: Agent;

  constructor(options: HttpOptions) {
    const settings = {
      connections: options.connections,
      connect: { rejectUnauthorized: options.verifyTls, timeout: 5_000 },
      keepAliveTimeout: 4_000,
    };
    this.agent = new Agent(settings);
    this.bulkAgent = new Agent(settings);
  }

  /**
   * Sends once; what may be done twice is sent once more where the connection was closed before its answer began, as RFC
   * 9110 9.2.2 allows: a kept connection may end in the moment in which it is used. Never follows a redirect, so that a
   * token never travels to another host.
   * @throws NoAnswer; CallerGone where a body that is a stream broke off at its source
   */
  async send(call: HttpCall): Promise<OpenStackResponse> {
    const body = call.body && !Buffer.isBuffer(call.body) ? relay(call.body) : call.body;
    const ask = () =>
      undiciRequest(call.url, {
        dispatcher: call.bulk ? this.bulkAgent : this.agent,
        method: call.method as 'GET',
        headers: call.headers,
        body: body ?? null,
        // Counted anew with every piece of a stream that the other side is slow to take; a slow caller costs none of it.
        headersTimeout: body === call.body ? call.deadlineMs : uploadTimeoutMs,
        bodyTimeout: call.bulk ? bulkPauseMs : call.deadlineMs,
      });
    const askAgain = async (error: unknown) => {
      if (!idempotent.has(call.method) || body !== call.body || !hangUps.has(codeOf(error))) throw error;
      return ask().catch(() => Promise.reject(error as Error)); // the first try may have been taken
    };
    try {
      const answer = await ask().catch(askAgain);
      const headers = flat(answer.headers);
      const streams = /octet-stream/.test(headers['content-type'] ?? '') && call.method !== 'HEAD';
      return {
        status: answer.statusCode,
        headers,
        body: streams ? answer.body : Buffer.from(await answer.body.arrayBuffer()),
      };
    } catch (error) {
      if (body && !Buffer.isBuffer(body) && body.errored instanceof CallerGone) throw body.errored;
      throw noAnswer(error);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.agent.destroy(), this.bulkAgent.destroy()]);
  }
}

function noAnswer(error: unknown): NoAnswer {
  const code = codeOf(error);
  return new NoAnswer(code || (error as Error).message || 'no answer', refusals.has(code));
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return code ?? cause?.code ?? '';
}

function flat(raw: Record<string, string | string[] | undefined>): Headers {
  const headers: Headers = {};
  for (const [name, value] of Object.entries(raw)) {
    if (value !== undefined) headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
