/** Key pairs: global for one user, under the same name in every site. */
import type { Caller } from '../openstack/caller.js';
import { Fault } from '../openstack/faults.js';
import { bodyOf, isOk } from '../openstack/message.js';
import type { Answer, Asked } from '../openstack/route.js';
import type { GlobalRow } from '../resources/global.js';
import type { Body } from '../resources/kind.js';
import { callSite } from '../routing/site-call.js';
import type { ShadowMaker } from '../routing/shadows.js';
import { askAsAdmin, faultWords, speaker } from '../routing/speaker.js';
import type { World } from '../routing/world.js';
import type { Site } from '../sites/site.js';

const kind = 'keypair';
/** The first microversion in which an administrator may act for another user. */
const microversion = '2.10';
const idOf = (userId: string, name: string): string => `${userId}/${name}`;

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
    const site = speaker(world, 'compute');
    const raw = await asked.readBody();
    const response = await callSite(asked, site, { body: raw });
    const made = isOk(response) ? (bodyOf(response) as { keypair?: Body } | undefined)?.keypair : undefined;
    if (made) {
      // The private key is the tenant's alone: it is never stored.
      const { private_key: _private, ...kept } = made;
      const userId = String(made['user_id'] ?? asked.caller.userId);
      const id = idOf(userId, String(made['name']));
      await world.globals.put(kind, id, userId, { type: 'ssh', ...kept, user_id: userId });
      await world.globals.putShadow(kind, id, site.id, id, null);
    }
    return response;
  };
}

export function deleteKeyPair(world: World): Answer {
  return async (asked) => {
    const site = speaker(world, 'compute');
    const userId = userAsked(asked);
    const name = asked.params['keypair_name'] ?? '';
    const id = idOf(userId, name);
    const known = await world.globals.find(kind, id);
    if (known) await ensureKeyPair(world, userId, name, site);
    const response = await callSite(asked, site);
    if (!isOk(response)) return response;
    await world.globals.remove(kind, id);
    await world.globals.removeShadow(kind, id, site.id);
    // Of one that was made before this database was, no shadow is known: it is looked for everywhere.
    const remove = (one: Site) => (known ? removeFrom(world, one, id) : removeAt(one, id));
    await Promise.all(world.sites.answering('compute').map((one) => remove(one).catch(() => undefined)));
    return response;
  };
}

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
  if (!row || (await world.globals.shadow(kind, id, site.id))) return;
  const { public_key, type } = row.body;
  const answer = await askAsAdmin(site, 'compute', 'POST', '/os-keypairs', {
    microversion,
    body: { keypair: { name, public_key, type: type ?? 'ssh', user_id: userId } },
  });
  if (answer.status === 409) await requireSame(site, userId, name, row.body);
  else if (answer.status >= 400) {
    throw new Fault(
      'bad-request',
      `Availability zone ${site.name} does not take key pair ${name}: ${faultWords(answer.body)}`,
    );
  }
  await world.globals.putShadow(kind, id, site.id, id, null);
}

/** One that this database knows nothing of, since it was made before it was: the site that speaks has it. */
async function adopt(world: World, userId: string, name: string): Promise<GlobalRow | undefined> {
  const site = speaker(world, 'compute');
  const id = idOf(userId, name);
  // What was deleted, and is still there because the site was silent, is the reconciler's.
  if (await world.globals.shadow(kind, id, site.id)) return undefined;
  const found = await readAt(site, userId, name);
  if (!found) return undefined;
  const { type, public_key, fingerprint } = found;
  await world.globals.put(kind, id, userId, { type: type ?? 'ssh', name, public_key, fingerprint, user_id: userId });
  await world.globals.putShadow(kind, id, site.id, id, null);
  return world.globals.find(kind, id);
}

async function readAt(site: Site, userId: string, name: string): Promise<Body | undefined> {
  const path = `/os-keypairs/${encodeURIComponent(name)}`;
  const query = `user_id=${encodeURIComponent(userId)}`;
  const { body } = await askAsAdmin(site, 'compute', 'GET', path, { microversion, query });
  return body['keypair'] as Body | undefined;
}

/** A key pair of that name is there already: adopted if it is the same key, refused by name if it is another. */
async function requireSame(site: Site, userId: string, name: string, wanted: Body): Promise<void> {
  const found = await readAt(site, userId, name);
  if (found?.['fingerprint'] === wanted['fingerprint']) return;
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
  const [userId = '', ...name] = id.split('/');
  const path = `/os-keypairs/${encodeURIComponent(name.join('/'))}`;
  const query = `user_id=${encodeURIComponent(userId)}`;
  return (await askAsAdmin(site, 'compute', 'DELETE', path, { microversion, query })).status;
}

/** Removes what was deleted while the site was silent. */
export async function reconcileKeyPairs(world: World, site: Site): Promise<void> {
  const stale = await world.database.many<{ global_id: string }>(
    `select s.global_id from shadow s join global_resource g on g.kind = s.kind and g.id = s.global_id
      where s.kind = 'keypair' and s.site_id = $1 and g.deleted_at is not null`,
    [site.id],
  );
  for (const { global_id: id } of stale) await removeFrom(world, site, id);
}

export const keyPairShadows = (world: World): ShadowMaker => ({
  kind,
  ensure: async (name: string, site: Site, caller: Caller) => {
    await ensureKeyPair(world, caller.userId, name, site);
    return name;
  },
});
