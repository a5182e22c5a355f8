/** How clouds refuse: each answer of a real one word for word, but for ids and times. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ask, take, type Cloud, type Raw, type Step } from './conversation.js';
import { cleanup, fixtures, refusals } from './refusals.js';

export interface Refusal {
  readonly what: string;
  readonly status: number;
  /** The body; ids of what was made for it are `{name}`, others `{uuid}`. */
  readonly says: unknown;
}

/**
 * Makes what the requests name, asks them all, and removes it again. What is accepted nevertheless, or fails,
 * is not among the answers, but for lists that show what a refused request left.
 * @param wanted names of the steps to ask; all where it is not given
 */
export async function refuse(cloud: Cloud, wanted?: ReadonlySet<string>): Promise<Refusal[]> {
  const known: Record<string, string> = {
    ...cloud.known,
    run: randomBytes(6)
      .toString('base64url')
      .replace(/[^A-Za-z]/g, 'q'),
  };
  try {
    for (const step of fixtures) {
      const { status, text } = await take(cloud, step, known);
      if (status >= 400) throw new Error(`${step.what}: ${status} ${text.slice(0, 300)}`);
    }
    const services = [...new Set(refusals.map(({ service }) => service))];
    const answers = await Promise.all(services.map((service) => ofService(cloud, service, known, wanted)));
    return answers.flat();
  } finally {
    for (const step of cleanup) await take(cloud, step, known).catch(() => undefined);
  }
}

async function ofService(
  cloud: Cloud,
  service: Step['service'],
  known: Record<string, string>,
  wanted: ReadonlySet<string> | undefined,
): Promise<Refusal[]> {
  const answers: Refusal[] = [];
  const seen = new Set<string>();
  for (const step of refusals.filter((one) => one.service === service)) {
    if (seen.has(step.what) || wanted?.has(step.what) === false) continue;
    seen.add(step.what);
    const answer = await ask(cloud, step, known);
    if (answer.status < 400) await undo(cloud, step, answer, known);
    if ((answer.status >= 400 && answer.status < 500) || isEvidence(step) || wanted) {
      answers.push({ what: step.what, status: answer.status, says: told(answer.body, known) });
    }
  }
  return answers;
}

const isEvidence = ({ call }: Step): boolean => call.includes('&fields=');

/** Takes back what was made, and waits for a server that was given something to do. */
async function undo(cloud: Cloud, step: Step, { body }: Raw, known: Record<string, string>): Promise<void> {
  const [method, path = ''] = step.call.split(' ');
  const { what, service } = step;
  if (path.endsWith('/servers/{server}/action')) return bringBack(cloud, path, known);
  if (method !== 'POST' || path.includes('/action')) return;
  for (const id of idsIn(body)) await ask(cloud, { what, service, call: `DELETE ${path}/${id}` }, known);
}

const wayBack: Readonly<Record<string, string>> = {
  VERIFY_RESIZE: 'confirmResize',
  RESCUE: 'unrescue',
  PAUSED: 'unpause',
  SUSPENDED: 'resume',
  SHUTOFF: 'os-start',
  SHELVED_OFFLOADED: 'unshelve',
};

/** The server runs again, for the requests that come next. */
async function bringBack(cloud: Cloud, actions: string, known: Record<string, string>): Promise<void> {
  const step = { what: 'the server again', service: 'compute', microversion: 'latest' } as const;
  for (let look = 0; look < 30; look += 1) {
    const { body } = await ask(cloud, { ...step, call: `GET ${actions.replace('/action', '')}` }, known);
    const { server = {} } = body as { server?: Record<string, string | null> };
    const { status, 'OS-EXT-STS:task_state': task } = server;
    if (status === 'ACTIVE' && task === null) return;
    const back = wayBack[status ?? ''];
    if (back && task === null) await ask(cloud, { ...step, call: `POST ${actions}`, body: { [back]: null } }, known);
    await delay(cloud.timeoutMs);
  }
}

/** Of what was made: `{network: {id}}`, `{networks: [{id}]}`, `{id}`. */
function idsIn(body: unknown): string[] {
  if (typeof body !== 'object' || body === null) return [];
  const { id } = body as { id?: unknown };
  if (typeof id === 'string' || typeof id === 'number') return [String(id)];
  return Object.values(body).flatMap((inner) => (Array.isArray(inner) ? inner.flatMap(idsIn) : idsIn(inner)));
}

const changing: readonly (readonly [RegExp, string])[] = [
  [/req-[0-9a-f-]{36}/g, '{request}'],
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-(?!000000000000)[0-9a-f]{12}/g, '{uuid}'],
  [/\b[0-9a-f]{32}\b/g, '{hex}'],
  [/https?:\/\/[^/\s"'<>]+/g, '{url}'],
  [/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, '{mac}'],
  // What was there and done before.
  [/\d+(?=G has been consumed)/g, '{used}'],
  [/(?<=current revision is )\d+/g, '{revision}'],
  [/^(Flavor access .* for (?:flavor )?)\d+/, '$1{number}'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g, '{time}'],
];

/** The order of a set of words is another one in every process of Python; Nova makes the list of its sort keys of one. */
const pythonSet =
  /\{('\w+')(, '\w+')+\}|(?<=^Invalid input for query parameters sort_key\. Value: \w+\. '\w+' is not one of )\[('\w+')(, '\w+')+\]/g;
const inOrder = (set: string): string => `${set[0]}${set.slice(1, -1).split(', ').sort().join(', ')}${set.at(-1)}`;

/** The same words for the same refusal, whoever refuses. */
function told(value: unknown, known: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') {
    const named = Object.entries(known).reduce((text, [name, id]) => text.replaceAll(id, `{${name}}`), value);
    const lasting = changing.reduce((text, [pattern, word]) => text.replace(pattern, word), named);
    return lasting.replace(pythonSet, inOrder).slice(0, 1_000);
  }
  if (Array.isArray(value)) return value.map((inner) => told(inner, known)).sort(byText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, told(inner, known)]),
  );
}

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
