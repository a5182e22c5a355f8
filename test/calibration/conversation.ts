/** A conversation with a cloud: the same requests to any cloud, and what is kept of its answers. */
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { shapeOf, type Shape } from './shape.js';

export type Service = 'identity' | 'compute' | 'volume' | 'network' | 'image' | 'placement';

/** `{name}` in a path or in a word of a body stands for what an earlier step kept. */
export interface Step {
  readonly what: string;
  readonly service: Service;
  readonly call: string;
  readonly microversion?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** What later steps need of the answer: `{server: 'server.id'}`. */
  readonly keep?: Readonly<Record<string, string>>;
  /** Asked again until that is what the answer says: `{'server.status': 'ACTIVE'}`, or until that status comes. */
  readonly until?: Readonly<Record<string, string>> | number;
}

export interface Answer {
  readonly what: string;
  readonly call: string;
  readonly status: number;
  /** Those that clients read, and of them only what does not differ from one answer to the next. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Shape;
}

export interface Cloud {
  readonly token: string;
  /** Roots of its services, without versions. */
  readonly roots: Readonly<Record<Service, string>>;
  /** What the first step already knows: `project`, `user` … */
  readonly known: Readonly<Record<string, string>>;
  /** Milliseconds between two looks at something that takes its time. */
  readonly timeoutMs: number;
}

const mostLooks = 120;

/** @throws Error where something that takes its time does not come to its end */
export async function converse(cloud: Cloud, steps: readonly Step[]): Promise<Answer[]> {
  const known: Record<string, string> = { ...cloud.known };
  const answers: Answer[] = [];
  for (const step of steps) {
    const { status, headers, body } = await take(cloud, step, known);
    answers.push({ what: step.what, call: step.call, status, headers, body: shapeOf(body) });
  }
  return answers;
}

/**
 * One step of a conversation: asked until what it waits for is there.
 * @param known gets what the step keeps
 */
export async function take(cloud: Cloud, step: Step, known: Record<string, string>): Promise<Raw> {
  let answer = await ask(cloud, step, known);
  for (let look = 0; !isThere(step, answer); look += 1) {
    if (look === mostLooks)
      throw new Error(`${step.what}: not there after ${look} looks: ${answer.text.slice(0, 300)}`);
    await delay(cloud.timeoutMs);
    answer = await ask(cloud, step, known);
  }
  for (const [name, path] of Object.entries(step.keep ?? {})) {
    const value = at(answer.body, path);
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new Error(`${step.what}: no ${path} in ${answer.status} ${answer.text.slice(0, 300)}`);
    known[name] = String(value);
  }
  return answer;
}

/** An answer as it came. */
export interface Raw {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: unknown;
  readonly text: string;
}

export async function ask({ token, roots }: Cloud, step: Step, known: Record<string, string>): Promise<Raw> {
  const [method = 'GET', path = '/'] = fill(step.call, known).split(' ');
  const body = step.body === undefined ? undefined : fill(JSON.stringify(step.body), known);
  const response = await request(roots[step.service] + path, {
    method: method as 'GET',
    headers: {
      accept: 'application/json',
      'x-auth-token': token,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(step.microversion ? { 'openstack-api-version': `${step.service} ${step.microversion}` } : {}),
      ...step.headers,
    },
    body: body ?? null,
  });
  const text = await response.body.text();
  return {
    status: response.statusCode,
    headers: kept(response.statusCode, response.headers),
    body: parsed(text),
    text,
  };
}

const fill = (text: string, known: Record<string, string>): string =>
  text.replace(/\{([a-z_]+)\}/g, (_, name: string) => {
    const value = known[name];
    if (value === undefined) throw new Error(`nothing is known as ${name}`);
    return value;
  });

function isThere({ until }: Step, { status, body }: Raw): boolean {
  if (until === undefined) return true;
  if (typeof until === 'number') return status === until;
  return Object.entries(until).every(([path, wanted]) => at(body, path) === wanted);
}

/** `server.status`, `images.0.id` */
function at(body: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], body);
}

function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return text;
  }
}

const plain = ['content-type', 'openstack-api-version', 'x-openstack-nova-api-version', 'vary', 'retry-after', 'allow'];
/** Ids and links: that they are there is all there is to say. */
const present = ['x-openstack-request-id', 'x-compute-request-id', 'location', 'www-authenticate', 'x-subject-token'];

function kept(status: number, headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const found: Record<string, string> = {};
  const text = (name: string): string => [headers[name] ?? []].flat().join(', ');
  // Where there is nothing, it is of no type.
  if (status === 204) delete headers['content-type'];
  for (const name of plain) if (headers[name] !== undefined) found[name] = text(name);
  for (const name of present) if (headers[name] !== undefined) found[name] = 'present';
  return found;
}
