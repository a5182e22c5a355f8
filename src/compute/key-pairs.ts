/** Key pairs: global for one user, under the same name in every site. */
import { createHash } from 'node:crypto';
import { tryJson } from '../openstack/body.js';
import type { Caller } from '../openstack/caller.js';
import { Fault } from '../openstack/faults.js';
import { bodyOf, isOk } from '../openstack/message.js';
import type { Answer, Asked } from '../openstack/route.js';
import type { GlobalRow, Version } from '../resources/global.js';
import type { Body } from '../resources/kind.js';
import { alone } from '../routing/alone.js';
import { callSite } from '../routing/site-call.js';
import type { ShadowMaker } from '../routing/shadows.js';
import { askAsAdmin, faultWords, speaker } from '../routing/speaker.js';
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';

const kind = 'keypair';
/** The first microversion in which an administrator may act for another user. */
const microversion = '2.10';
const idOf = (userId: string, name: string): string => `${userId}/${name}`;

function partsOf(id: string): { userId: string; name: string } {
  const at = id.indexOf('/');
  return { userId: id.slice(0, at), name: id.slice(at + 1) };
}

/** A site speaks for all; before it does, it has all of the user's key pairs. */
export function readKeyPairs(world: World): Answer {
  return async (asked) => {
    const site = speaker(world, 'compute');
    await bringUp(world, site, userAsked(asked));
    return callSite(asked, site);
  };
}

export function createKeyPair(world: World): Answer {
  return async (asked) => {
    const raw = await asked.readBody();
    const wanted = (tryJson(raw) as { keypair?: { name?: unknown; user_id?: unknown } } | undefined)?.keypair;
    const id = idOf(textOr(wanted?.user_id, asked.caller.userId), textOr(wanted?.name, ''));
    return changing(world, id, async () => {
      const site = speaker(world, 'compute');
      // It knows which names are taken, and none that were deleted while it was silent.
      if (await world.globals.find(kind, id)) await makeAt(world, id, site);
      else await removeFrom(world, site, id);
      const readAt = await world.globals.version();
      const response = await callSite(asked, site, { body: raw });
      const made = isOk(response) ? (bodyOf(response) as { keypair?: Body } | undefined)?.keypair : undefined;
      if (made) {
        // The private key is the tenant's alone: it is never stored.
        const { private_key: _private, ...kept } = made;
        const userId = String(made['user_id'] ?? asked.caller.userId);
        await keep(world, site, userId, { type: 'ssh', ...kept, user_id: userId }, readAt);
      }
      return response;
    });
  };
}

const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

export function deleteKeyPair(world: World): Answer {
  return async (asked) => {
    const userId = userAsked(asked);
    const name = asked.params['keypair_name'] ?? '';
    const id = idOf(userId, name);
    const { response, known } = await changing(world, id, async () => {
      const site = speaker(world, 'compute');
      const row = await world.globals.find(kind, id);
      if (row) await makeAt(world, id, site);
      const answer = await callSite(asked, site);
      if (isOk(answer)) await world.globals.remove(kind, id);
      return { response: answer, known: row };
    });
    if (!isOk(response)) return response;
    // Of one that was made before this database was, no shadow is known: it is looked for everywhere.
    const remove = (one: Site) => (known ? removeFrom(world, one, id) : removeAt(one, id));
    await Promise.all(world.sites.answering('compute').map((one) => remove(one).catch(() => undefined)));
    return response;
  };
}

/** Creates, deletions and makings of one key pair see each other; those of some others wait, too. */
const changing = <T>(world: World, id: string, work: () => Promise<T>): Promise<T> =>
  alone(world, `${kind} ${createHash('sha256').update(id).digest()[0]! % turns}`, work);
/** Each holds a connection to the database while a site is asked. */
const turns = 4;

/** From 2.10 an administrator may name another user. */
const userAsked = (asked: Asked): string => asked.query.get('user_id') ?? asked.caller.userId;

async function bringUp(world: World, site: Site, userId: string): Promise<void> {
  for (const row of await world.globals.list(kind, userId)) {
    await ensureKeyPair(world, userId, String(row.body['name']), site);
  }
}

async function ensureKeyPair(world: World, userId: string, name: string, site: Site): Promise<void> {
  const id = idOf(userId, name);
  const row = (await world.globals.find(kind, id)) ?? (await adopt(world, userId, name));
  if (row && !(await isHeld(world, row, site))) await changing(world, id, () => makeAt(world, id, site));
}

/** True where a site has this very key: one of the same name may have been deleted and made again. */
async function isHeld(world: World, row: GlobalRow, site: Site): Promise<boolean> {
  const shadow = await world.globals.shadow(kind, row.id, site.id);
  return shadow?.seen?.['fingerprint'] === row.body['fingerprint'] && shadow?.making_since === null;
}

async function makeAt(world: World, id: string, site: Site): Promise<void> {
  const row = await world.globals.find(kind, id);
  if (!row || (await isHeld(world, row, site))) return;
  const { userId, name } = partsOf(id);
  const isOurs = (await world.globals.shadow(kind, id, site.id)) !== undefined;
  const { public_key, type, fingerprint } = row.body;
  const body = { keypair: { name, public_key, type: type ?? 'ssh', user_id: userId } };
  const make = () => askAsAdmin(site, 'compute', 'POST', '/os-keypairs', { microversion, body });
  if (!(await world.globals.beginShadow(kind, id, site.id))) return; // deleted meanwhile
  let answer = await make();
  const isOther = answer.status === 409 && !(await isSame(site, userId, name, row.body));
  if (isOther && !isOurs) await refuseOther(world, id, site, name);
  if (isOther) {
    await removeAt(site, id);
    answer = await make();
  }
  if (answer.status >= 400 && answer.status !== 409) {
    if (answer.status < 500) await world.globals.removeShadow(kind, id, site.id, true);
    throw new Fault(
      'bad-request',
      `Availability zone ${site.name} does not take key pair ${name}: ${faultWords(answer.body)}`,
    );
  }
  await world.globals.putShadow(kind, id, site.id, id, { fingerprint });
  // It may have been deleted in the meantime, by who did not see this shadow yet.
  if (!(await world.globals.find(kind, id))) await removeFrom(world, site, id);
}

/** One that this database knows nothing of, since it was made before it was: the site that speaks has it. */
async function adopt(world: World, userId: string, name: string): Promise<GlobalRow | undefined> {
  const site = speaker(world, 'compute');
  const id = idOf(userId, name);
  const version = await world.globals.version();
  // What was deleted, and is still there because the site was silent, is the reconciler's.
  if (await world.globals.shadow(kind, id, site.id)) return undefined;
  const found = await readAt(site, userId, name);
  if (!found) return undefined;
  const { type, public_key, fingerprint } = found;
  await keep(world, site, userId, { type: type ?? 'ssh', name, public_key, fingerprint, user_id: userId }, version);
  return world.globals.find(kind, id);
}

/** Keeps what a site has. */
async function keep(world: World, site: Site, userId: string, body: Body, readAt: Version): Promise<void> {
  const id = idOf(userId, String(body['name']));
  if (!(await world.globals.put(kind, id, userId, body, readAt))) return;
  await world.globals.putShadow(kind, id, site.id, id, { fingerprint: body['fingerprint'] });
}

async function readAt(site: Site, userId: string, name: string): Promise<Body | undefined> {
  const path = `/os-keypairs/${encodeURIComponent(name)}`;
  const query = `user_id=${encodeURIComponent(userId)}`;
  const { body } = await askAsAdmin(site, 'compute', 'GET', path, { microversion, query });
  return body['keypair'] as Body | undefined;
}

const isSame = async (site: Site, userId: string, name: string, wanted: Body): Promise<boolean> =>
  (await readAt(site, userId, name))?.['fingerprint'] === wanted['fingerprint'];

/** A key pair of that name, and of another origin than the cascade, is refused by name. @throws Fault 409 */
async function refuseOther(world: World, id: string, site: Site, name: string): Promise<never> {
  await world.globals.removeShadow(kind, id, site.id, true);
  throw new Fault(
    'conflict',
    `Key pair ${name} is another key in availability zone ${site.name}. Delete it there or use another name.`,
  );
}

async function removeFrom(world: World, site: Site, id: string): Promise<void> {
  if (!(await world.globals.shadow(kind, id, site.id))) return;
  const status = await removeAt(site, id);
  if (status < 300 || status === 404) await world.globals.removeShadow(kind, id, site.id);
}

async function removeAt(site: Site, id: string): Promise<number> {
  const { userId, name } = partsOf(id);
  const path = `/os-keypairs/${encodeURIComponent(name)}`;
  const query = `user_id=${encodeURIComponent(userId)}`;
  return (await askAsAdmin(site, 'compute', 'DELETE', path, { microversion, query })).status;
}

/** Removes what was deleted while the site was silent. */
export async function reconcileKeyPairs(world: World, site: Site): Promise<void> {
  for (const { global_id: id } of await world.globals.shadowsOfGone(kind, site.id)) await removeFrom(world, site, id);
}

export const keyPairShadows = (world: World): ShadowMaker => ({
  kind,
  ensure: async (name: string, site: Site, caller: Caller) => {
    await ensureKeyPair(world, caller.userId, name, site);
    return name;
  },
});
