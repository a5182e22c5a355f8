/** One client with one connection, that measures how long the whole of an answer takes to arrive. */
import { Agent, request } from 'undici';

export interface Answered {
  readonly status: number;
  readonly body: Buffer;
  /** From the moment the request is sent until the last byte of the answer. */
  readonly ms: number;
}

export class Client {
  // Old clouds take minutes for a list of everything; a measurement waits for them.
  private readonly agent = new Agent({ connections: 1, headersTimeout: 900_000, bodyTimeout: 900_000 });

  async get(url: string, headers: Record<string, string>): Promise<Answered> {
    const start = performance.now();
    const answer = await request(url, { dispatcher: this.agent, headers });
    const body = Buffer.from(await answer.body.arrayBuffer());
    return { status: answer.statusCode, body, ms: performance.now() - start };
  }

  close(): Promise<void> {
    return this.agent.close();
  }
}
