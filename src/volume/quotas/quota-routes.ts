/** Quotas, quota classes and limits: one number for all sites, and what all of them together have used. */
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, isOk, withBody } from '@cascade/openstack-protocol/message.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Body } from '../../resources/kind.js';
import { fanOut } from '../../routing/fan-out.js';
import type { World } from '../../routing/world.js';
import { booleanParameter } from '@cascade/openstack-protocol/volume/cinder-boolean.js';
import type { GlobalKind } from '../../globals/global-kind.js';
import { speakers } from '../../globals/speaker.js';
import type { Subject } from '../../globals/write.js';
import { quotaClasses, quotas } from './quotas.js';
import { cinderKinds, readCinder, writeCinder, type Changed } from '../types/speak-cinder.js';

type Usage = Record<string, { limit: number; in_use: number; reserved: number } | string>;

export function quotaRoutes(world: World): Route[] {
  const read = readCinder(world);
  const classes = '/os-quota-class-sets/{quota_class_name}';
  const sets = '/os-quota-sets/{project_id}';
  return [
    route('GET /limits', 'reader', sumLimits(world)),
    route(`GET ${classes}`, 'reader', read),
    route(
      `PUT ${classes}`,
      'admin',
      writeCinder(world, added(world, quotaClasses, 'quota_class_set', 'quota_class_name')),
    ),
    route(`GET ${sets}`, 'reader', showQuotas(world)),
    route(`GET ${sets}/defaults`, 'reader', read),
    route(`PUT ${sets}`, 'admin', setQuotas(world)),
    route(`DELETE ${sets}`, 'admin', writeCinder(world, forgotten)),
  ];
}

/** What was set before and what is set now, one over the other. */
function added(world: World, kind: GlobalKind, key: string, param: string) {
  const idIn = (asked: Asked): string => asked.params[param] ?? '';
  const changed: Changed = async (asked, _response, raw) => {
    const given = (tryJson(raw) as Record<string, Body> | undefined)?.[key] ?? {};
    const { tenant_id: _tenant, id: _id, ...limits } = given;
    return [
      { kind, id: idIn(asked), body: { ...(await world.globals.find(kind.kind, idIn(asked)))?.body, ...limits } },
    ];
  };
  return { before: (asked: Asked): Subject[] => [{ kind, id: idIn(asked) }], changed };
}

const ofProject = (asked: Asked): Subject => ({ kind: quotas, id: asked.params['project_id'] ?? '' });
const forgotten = {
  before: (asked: Asked): Subject[] => [ofProject(asked)],
  changed: (asked: Asked): Subject[] => [{ ...ofProject(asked), body: null }],
};

function setQuotas(world: World): Answer {
  const write = writeCinder(world, added(world, quotas, 'quota_set', 'project_id'));
  return async (asked) => {
    const raw = await asked.readBody();
    await requireRoom(world, asked, tryJson(raw));
    return write({ ...asked, readBody: () => Promise.resolve(raw) });
  };
}

/** A site knows its own usage alone, so what all have used is compared here. @throws Fault 400 in Cinder's words */
async function requireRoom(world: World, asked: Asked, body: unknown): Promise<void> {
  const wanted = isObject(body) ? body['quota_set'] : undefined;
  if (!isObject(wanted)) return;
  const used = await usage(world, asked);
  for (const [key, value] of Object.entries(wanted)) {
    const limit = typeof value === 'number' || (typeof value === 'string' && /^\d+$/.test(value)) ? Number(value) : -1;
    const now = used?.[key];
    if (limit < 0 || key === 'per_volume_gigabytes' || typeof now !== 'object') continue;
    const all = now.in_use + now.reserved;
    if (limit >= all) continue;
    const words = `Quota ${key} limit must be equal or greater than existing resources. Current usage is ${all} and the requested limit is ${limit}.`;
    throw new Fault('bad-request', words);
  }
}

function showQuotas(world: World): Answer {
  const read = readCinder(world);
  return async (asked) => {
    const word = asked.query.get('usage');
    if (word === null || !booleanParameter('usage', word)) return read(asked);
    const { answer, all } = await heardFrom(world, asked, asked.rawQuery);
    if (!isOk(answer)) return answer;
    return withBody(answer, { quota_set: summed(quotaSets(answer, all)) });
  };
}

async function usage(world: World, asked: Asked): Promise<Usage | undefined> {
  const { answer, all } = await heardFrom(world, { ...asked, method: 'GET' }, 'usage=True');
  return isOk(answer) ? summed(quotaSets(answer, all)) : undefined;
}

const quotaSets = (answer: Parameters<typeof bodyOf>[0], all: Parameters<typeof bodyOf>[0][]): Usage[] =>
  [answer, ...all].map((one) => (bodyOf(one) as { quota_set: Usage }).quota_set);

/** The first one's limits, everybody's usage. */
function summed([first = {}, ...others]: Usage[]): Usage {
  const total = structuredClone(first);
  for (const [key, value] of Object.entries(total)) {
    if (typeof value !== 'object') continue;
    for (const other of others) {
      const more = other[key];
      if (typeof more !== 'object') continue;
      value.in_use += more.in_use;
      value.reserved += more.reserved;
    }
  }
  return total;
}

function sumLimits(world: World): Answer {
  return async (asked) => {
    const { answer, all } = await heardFrom(world, asked, asked.rawQuery);
    if (!isOk(answer)) return answer;
    const body = bodyOf(answer) as { limits: { absolute: Record<string, number> } };
    for (const response of all) {
      const { absolute } = (bodyOf(response) as typeof body).limits;
      for (const key of Object.keys(body.limits.absolute).filter((name) => name.endsWith('Used'))) {
        body.limits.absolute[key] = (body.limits.absolute[key] ?? 0) + (absolute[key] ?? 0);
      }
    }
    return withBody(answer, body);
  };
}

/** The speaker's answer, and those of the others that were no refusals. @throws Fault 503 */
async function heardFrom(world: World, asked: Asked, query: string) {
  const [best] = await speakers(world, 'volume', { kinds: cinderKinds });
  const responses = await fanOut(world, asked, query);
  const spoken = responses.find(({ site }) => site === best) ?? responses[0]!;
  const all = responses.filter((one) => one !== spoken && isOk(one.response)).map(({ response }) => response);
  return { answer: spoken.response, all };
}
