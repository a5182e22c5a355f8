/** Key pairs: global for one user, under the same name in every site where a server names them. */
import { createHash } from 'node:crypto';
import { tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, isOk } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { ensureAt, ensureRowAt } from '../globals/ensure.js';
import { ask, must, SiteRefused, type GlobalKind } from '../globals/global-kind.js';
import { speaker } from '../globals/speaker.js';
import { writeGlobal } from '../globals/write.js';
import type { GlobalRow } from '../resources/global.js';
import type { Body } from '../resources/kind.js';
import { callSite } from '../routing/site-call.js';
import { findEach, type ShadowMaker } from '../routing/shadows.js';
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';

/** The first microversion in which an administrator may act for another user. */
const microversion = '2.10';
/** The first in whose names there may be `@` and `.`; older sites refuse these themselves. */
const namesSince = '2.92';
const idOf = (userId: string, name: string): string => `${userId}/${name}`;

function partsOf(id: string): { userId: string; name: string } {
  const at = id.indexOf('/');
  return { userId: id.slice(0, at), name: id.slice(at + 1) };
}

function requestFor(id: string): [path: string, options: { microversion: string; query: string }] {
  const { userId, name } = partsOf(id);
  return [`/os-keypairs/${encodeURIComponent(name)}`, { microversion, query: `user_id=${encodeURIComponent(userId)}` }];
}

async function read(site: Site, id: string): Promise<Body | undefined> {
  const [path, options] = requestFor(id);
  const found = (await ask(site, 'compute', 'GET', path, options))?.['keypair'] as Body | undefined;
  if (!found) return undefined;
  const { type, public_key, fingerprint } = found;
  const { userId, name } = partsOf(id);
  return { type: type ?? 'ssh', name, public_key, fingerprint, user_id: userId };
}

/** Those of one shard wait for each other. */
function lockOfId(id: string): string {
  return `keypair ${createHash('sha256').update(id).digest()[0]! % 16}`;
}

const isOther = (a: Body, b: Body): boolean => a['fingerprint'] !== b['fingerprint'];

export const keyPairs: GlobalKind = {
  kind: 'keypair',
  service: 'compute',
  lock: lockOfId,
  ids: 'chosen',
  presence: 'on demand',
  sameness: ({ id }) => id,
  find: async (site, { id }) => {
    const body = await read(site, id);
    return body && { id, body };
  },
  adopt: (site, { id, body }, found) => {
    if (!isOther(found.body, body)) return body;
    const words = `Key pair ${partsOf(id).name} is another key in availability zone ${site.name}. Delete it there or use another name.`;
    throw new Fault('conflict', words);
  },
  ownerOf: (body) => String(body['user_id']),
  read,
  create: async (site, { id, body }) => {
    const { public_key, type } = body;
    const { userId, name } = partsOf(id);
    const keypair = { name, public_key, type: type ?? 'ssh', user_id: userId };
    try {
      await must(site, 'compute', 'POST', '/os-keypairs', { microversion: namesSince, body: { keypair } });
    } catch (error) {
      // That it exists is no error where it is this key: the response to an earlier attempt was lost.
      if (!(error instanceof SiteRefused) || error.statusAtSite !== 409) throw error;
      const found = await read(site, id);
      if (!found || isOther(found, body)) throw error;
    }
    return { id, made: body };
  },
  update: () => Promise.resolve(), // nothing of a key pair can be changed
  mustReplace: isOther,
  remove: async (site, id) => void (await ask(site, 'compute', 'DELETE', ...requestFor(id))),
};

/** A site speaks for all; before it does, it has all of the user's key pairs. */
export function readKeyPairs(world: World): Answer {
  return async (asked) => {
    const site = speaker(world, 'compute');
    for (const { id } of await world.globals.list(keyPairs.kind, userAsked(asked)))
      await ensureAt({ world, kind: keyPairs, site }, id);
    return callSite(asked, site);
  };
}

export function createKeyPair(world: World): Answer {
  const idIn = (asked: Asked, raw: Buffer): string => {
    const wanted = (tryJson(raw) as { keypair?: { name?: unknown; user_id?: unknown } } | undefined)?.keypair;
    return idOf(textOr(wanted?.user_id, asked.caller.userId), textOr(wanted?.name, ''));
  };
  return writeGlobal(world, {
    service: 'compute',
    lock: (asked, raw) => lockOfId(idIn(asked, raw)),
    // The speaker knows which names are taken, and none that were deleted while it was silent.
    before: (asked, raw) => [{ kind: keyPairs, id: idIn(asked, raw) }],
    admits: keyPairs.kind,
    changed: (asked, response) => {
      const made = (bodyOf(response) as { keypair?: Body } | undefined)?.keypair;
      if (!made) return [];
      // The private key is the tenant's alone: it is never stored.
      const { private_key: _private, ...kept } = made;
      const userId = String(made['user_id'] ?? asked.caller.userId);
      const body = { type: 'ssh', ...kept, user_id: userId };
      return [{ kind: keyPairs, id: idOf(userId, String(made['name'])), ownerId: userId, body }];
    },
  });
}

const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' && value) || otherwise;

export function deleteKeyPair(world: World): Answer {
  const idIn = (asked: Asked): string => idOf(userAsked(asked), asked.params['keypair_name'] ?? '');
  const remove = writeGlobal(world, {
    service: 'compute',
    lock: (asked) => lockOfId(idIn(asked)),
    before: (asked) => [{ kind: keyPairs, id: idIn(asked) }],
    changed: (asked) => [{ kind: keyPairs, id: idIn(asked), body: null }],
  });
  return async (asked) => {
    const isKnown = (await world.globals.find(keyPairs.kind, idIn(asked))) !== undefined;
    const response = await remove(asked);
    if (isKnown || !isOk(response)) return response;
    // Of one that was made before this database was, no shadow is known: it is looked for everywhere.
    const sites = world.sites.answering('compute');
    await Promise.all(sites.map((site) => keyPairs.remove(site, idIn(asked)).catch(() => undefined)));
    return response;
  };
}

/** From 2.10 an administrator may name another user; before, Nova drops the word, and so it is the caller's own key pair. */
const userAsked = ({ caller, microversion: asked, query }: Asked): string =>
  (atLeast(asked, microversion) && query.get('user_id')) || caller.userId;

/** One that this database knows nothing of, since it was made before it was: the site that speaks has it. */
async function adoptFromSpeaker(world: World, id: string): Promise<GlobalRow | undefined> {
  const site = speaker(world, 'compute');
  const readAt = await world.globals.version();
  // What was deleted, and is still there because the site was silent, is the reconciler's.
  if (await world.globals.shadow(keyPairs.kind, id, site.id)) return undefined;
  const body = await read(site, id);
  if (body && (await world.globals.put(keyPairs.kind, id, partsOf(id).userId, body, { readAt })))
    await world.globals.putShadow(keyPairs.kind, id, site.id, body);
  return world.globals.find(keyPairs.kind, id);
}

export const keyPairShadows = (world: World): ShadowMaker => ({
  kind: keyPairs.kind,
  find: (names, caller) =>
    findEach(names, async (name) => {
      const id = idOf(caller.userId, name);
      const row = (await world.globals.find(keyPairs.kind, id)) ?? (await adoptFromSpeaker(world, id));
      return (
        row && { body: row.body, ensure: (site) => ensureRowAt({ world, kind: keyPairs, site }, row).then(() => name) }
      );
    }),
});
