/** What can become of a request on its way to a cloud and back, one row a fault. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Answered, Asked, Exchange } from './border.js';

export type Fault = (exchange: Exchange) => Promise<void> | void;

/** Longer than a call on loopback, shorter than anybody's deadline. */
const latencyMs = 400;

const json = (status: number, body: unknown): Answered => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(body)),
});
const fault = (code: number, message: string): Answered => json(code, { error: { code, title: message, message } });

export const faults = {
  none: async ({ pass, answer }) => answer(await pass()),

  /** The way there is long. */
  latency: async ({ pass, answer }) => {
    await delay(latencyMs);
    answer(await pass());
  },

  /** The cloud works for long after it has looked, and dates its answer when it sends it, as WSGI servers do. */
  slowAnswer: async ({ pass, answer }) => {
    const answered = await pass();
    await delay(latencyMs);
    answer({ ...answered, headers: { ...answered.headers, date: new Date().toUTCString() } });
  },

  /** Packets go nowhere. */
  blackhole: ({ swallow }) => swallow(),

  /** The connection breaks before the cloud hears of the request. */
  reset: ({ reset }) => reset(),

  /** The cloud does what it is asked, and nobody hears of it. */
  answerLost: async ({ pass, reset }) => {
    await pass();
    reset();
  },

  /** The connection breaks in the middle of the answer. */
  answerBroken: async ({ pass, answerHalf }) => answerHalf(await pass()),

  /** JSON that ends in the middle under headers that promise no more. */
  cutJson: async ({ pass, answer }) => {
    const answered = await pass();
    answer({ ...answered, body: answered.body.subarray(0, answered.body.length / 2) });
  },

  /** The load balancer has no living server behind it. */
  unavailable: ({ answer }) => answer(fault(503, 'Service Unavailable')),

  /** The load balancer gave up waiting for what was done all the same. */
  gatewayTimeout: async ({ pass, answer }) => {
    await pass();
    answer(fault(504, 'Gateway Timeout'));
  },

  /** Tokens are worth nothing for a while: the cloud cannot reach its Keystone's cache. */
  unauthorized: ({ answer }) => answer(fault(401, 'The request you have made requires authentication.')),

  /** A service that was rolled back speaks older microversions than it did. */
  notAcceptable: async ({ asked, pass, answer }) =>
    answer(asked.headers['openstack-api-version'] ? fault(406, 'Version is not supported by the API.') : await pass()),

  /** A page asked for behind a marker is the first one again, link to the next included. */
  pageAgain: async ({ asked, pass, answer }) => answer(await pass({ url: without(asked, 'marker') })),

  /** What was true when the same was asked the last time, dated now: a replica that lags. */
  staleAnswer: async ({ asked, earlier, pass, answer }) => {
    const isStale = isList(asked) && earlier?.status === 200;
    answer(isStale ? { ...earlier, headers: { ...earlier.headers, date: new Date().toUTCString() } } : await pass());
  },

  /** 200, and no rows: a cell that is down and skipped, a database that has just been made. */
  emptyList: async ({ asked, pass, answer }) => {
    const answered = await pass();
    answer(isList(asked) && answered.status === 200 ? { ...answered, body: emptied(answered.body) } : answered);
  },
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;

const withoutQuery = ({ url }: Asked): string => url.split('?')[0]!;
/** A collection, not one thing by its id and not a version document. */
const isList = (asked: Asked): boolean =>
  asked.method === 'GET' && /\/(v2\.1|v2\.0|v2|v3\/\w+)\/[a-z][a-z_-]*s(\/detail)?$/.test(withoutQuery(asked));

function without({ url }: Asked, name: string): string {
  const { pathname, searchParams } = new URL(url, 'http://site');
  searchParams.delete(name);
  return `${pathname}?${searchParams.toString()}`;
}

function emptied(body: Buffer): Buffer {
  const parsed = JSON.parse(body.toString()) as Record<string, unknown>;
  const lists = Object.entries(parsed).filter(([name, value]) => Array.isArray(value) && !name.endsWith('_links'));
  return Buffer.from(JSON.stringify(Object.fromEntries(lists.map(([name]) => [name, []]))));
}
