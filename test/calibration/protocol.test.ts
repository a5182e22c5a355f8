/**
 * Odd microversion headers, methods and paths are answered as a real Zed answered them, by the cascade and by
 * a simulated cloud.
 */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSimulatedClouds, type OpenedClouds } from '@cascade/simulated-openstack/open-clouds.js';
import { atLeast, formatMicroversion, parseMicroversion } from '@cascade/openstack-protocol/microversion.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import { serviceOf } from '@cascade/openstack-protocol/services.js';
import { startTwoClouds, type TwoClouds } from '../two-clouds.js';
import { logIn } from './log-in.js';
import { askProtocol, type ProtocolAnswer, type ProtocolCloud } from './protocol-requests.js';

const recorded = readFileSync(new URL('protocol.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as ProtocolAnswer);

/** Where we are known to answer otherwise, and why. */
const deviations: readonly (readonly [why: string, concerns: (real: ProtocolAnswer) => boolean])[] = [
  [
    'Cinder fails on a header whose entry is no pair; we refuse it',
    ({ service, status }) => service === 'volume' && status === 500,
  ],
  ['Nova offers the versions it has for one it has not', ({ call }) => call === 'GET /v9/'],
  [
    'Neutron takes a method that its controllers of quotas and tags do not know for GET; we do so for HEAD',
    ({ call }) => /^PATCH .*\/(quotas|tags)/.test(call),
  ],
  [
    'Placement writes pages for browsers, too',
    ({ service, headers = [] }) => service === 'placement' && headers.some(([, value]) => value === 'text/html'),
  ],
  ['Placement quotes the schema that a query breaks', ({ call, status }) => call === 'GET /usages' && status === 400],
  ['Glance reads a missing content type as text/plain', ({ status }) => status === 415],
];

/** What neither a simulated cloud nor the cascade has, whose methods are others therefore. */
const absent = {
  'a simulated cloud': /^GET \/v2\.1\/images|^(HEAD|PATCH) \/v2\/(tasks|metadefs)|^(HEAD|PATCH) \/resource_providers/,
  'the cascade': /^(HEAD|PATCH) \/resource_providers/,
};

/** What is compared. An answer to HEAD says of which type its body would be, each service in its own way. */
function comparable({ service, call, status, answered, text }: ProtocolAnswer): unknown {
  const { 'content-type': type, vary, ...others } = answered;
  if (service === 'identity') return { status };
  // Its middleware leaves it out where an exception passes through.
  const headers = service === 'placement' && status === 404 ? others : { ...others, vary };
  if (call.startsWith('HEAD')) return { status, headers };
  const mediaType = type?.split(';')[0];
  return { status, headers, ...(status >= 400 ? { mediaType, body: parsed(text ?? '') } : {}) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The last microversions of Zed, which is what was recorded. */
const ofZed: Record<string, string> = { compute: '2.93', volume: '3.70', placement: '1.39' };

/** A newer range in the words of Zed's. */
function inRangeOfZed(answer: ProtocolAnswer): ProtocolAnswer {
  const { service } = answer;
  const newest = serviceOf(service as ServiceName).microversions?.max;
  if (newest === undefined) return answer;
  return JSON.parse(JSON.stringify(answer).replaceAll(newest, ofZed[service]!)) as ProtocolAnswer;
}

/** True for a request in a microversion that Zed does not have and the cascade has. */
const isOfCascade = ({ service, headers = [] }: ProtocolAnswer): boolean =>
  headers.some(([, value]) => {
    const asked = parseMicroversion(/\d+\.\d+$/.exec(value)?.[0] ?? '');
    const newest = serviceOf(service as ServiceName).microversions?.max;
    if (!asked || newest === undefined) return false;
    const isInRange = atLeast(parseMicroversion(newest), formatMicroversion(asked));
    return isInRange && !atLeast(parseMicroversion(ofZed[service]!), formatMicroversion(asked));
  });

const services = ['compute', 'volume', 'placement', 'network', 'image', 'identity'] as const;

let simulated: OpenedClouds;
let cascade: TwoClouds;
const clouds: Record<string, ProtocolCloud> = {};

beforeAll(async () => {
  simulated = await openSimulatedClouds({ names: ['zed'], log: pino({ level: 'silent' }) });
  const [{ url, admin }] = simulated.clouds as [OpenedClouds['clouds'][0]];
  const account = { username: admin!.username, password: admin!.password, projectName: admin!.projectName };
  const { token, roots, known } = await logIn({ authUrl: `${url}/identity`, region: 'zed', ...account }, 5);
  clouds['a simulated cloud'] = { token, roots, project: known['project']! };
  cascade = await startTwoClouds();
  const { body } = await cascade.ask('GET', '/identity/v3/auth/tokens', undefined, {
    'x-subject-token': cascade.token,
  });
  const own = Object.fromEntries(services.map((service) => [service, `${cascade.url}/${service}`]));
  clouds['the cascade'] = {
    token: cascade.token,
    roots: own as ProtocolCloud['roots'],
    project: body.token.project.id,
  };
});
afterAll(() => Promise.all([simulated.close(), cascade.close()]));

describe.each(['a simulated cloud', 'the cascade'] as const)('%s', (name) => {
  test.each(services)('%s', async (service) => {
    const differ: unknown[] = [];
    for (const real of recorded.filter((answer) => answer.service === service)) {
      if (absent[name].test(real.call) || deviations.some(([, concerns]) => concerns(real))) continue;
      if (name === 'the cascade' && isOfCascade(real)) continue;
      const own = comparable(inRangeOfZed(await askProtocol(clouds[name]!, real)));
      if (!isDeepStrictEqual(own, comparable(real))) differ.push({ ...real, own });
    }
    expect(differ).toEqual([]);
  });
});
