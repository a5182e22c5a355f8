/** `/os-keypairs`. @see openstack/nova:nova/api/openstack/compute/keypairs.py */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { checkKeyPairQuery } from '@cascade/openstack-protocol/compute/nova-queries.js';
import { pageOf } from '@cascade/openstack-adapter/paging.js';
import { isoMicros } from '../clock.js';
import type { Cloud } from './cloud.js';
import type { KeyPair } from './key-pairs.js';

const check = bodyCheck({
  type: 'object',
  properties: {
    keypair: {
      type: 'object',
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 255 },
        type: { type: 'string', enum: ['ssh', 'x509'] },
        public_key: { type: 'string' },
        user_id: { type: 'string' },
      },
      required: ['name'],
      additionalProperties: false,
    },
  },
  required: ['keypair'],
  additionalProperties: false,
});

export function keyPairRoutes(cloud: Cloud): Route[] {
  const one = '/os-keypairs/{name}';
  return [
    route('GET /os-keypairs', 'reader', async (asked) => {
      if (atLeast(asked.microversion, '2.35')) checkKeyPairQuery(asked);
      const noSuch = (marker: string): string => `Marker ${marker} could not be found.`;
      const { page, next } = pageOf(asked, cloud.keyPairs.of(userAsked(asked)), 1000, noSuch);
      const links =
        next && atLeast(asked.microversion, '2.35') ? { keypairs_links: [{ rel: 'next', href: next }] } : {};
      return json(200, { keypairs: page.map((pair) => ({ keypair: brief(asked, pair) })), ...links });
    }),
    route('POST /os-keypairs', 'member', createKeyPair(cloud)),
    route(`GET ${one}`, 'reader', async (asked) => json(200, { keypair: whole(asked, pairAsked(cloud, asked)) })),
    route(`DELETE ${one}`, 'member', async (asked) => {
      const { userId, name } = pairAsked(cloud, asked);
      cloud.keyPairs.remove(userId, name);
      return noContent(atLeast(asked.microversion, '2.2') ? 204 : 202);
    }),
  ];
}

/** From 2.10 on administrators may name another user. @throws Fault 403 */
function userAsked(asked: Asked, named = asked.query.get('user_id')): string {
  if (named === null || !atLeast(asked.microversion, '2.10') || named === asked.caller.userId)
    return asked.caller.userId;
  if (asked.caller.isAdmin) return named;
  throw new Fault('forbidden', "Policy doesn't allow os_compute_api:os-keypairs:show to be performed.");
}

function pairAsked(cloud: Cloud, asked: Asked): KeyPair {
  const [userId, { name = '' }] = [userAsked(asked), asked.params];
  const found = cloud.keyPairs.find(userId, name);
  if (found) return found;
  throw new Fault('not-found', `Keypair ${name} not found for user ${userId}`);
}

function createKeyPair(cloud: Cloud): Answer {
  return async (asked) => {
    const body = await asked.readJson();
    check(body);
    const given = body['keypair'] as { name: string; type?: 'ssh' | 'x509'; public_key?: string; user_id?: string };
    const userId = userAsked(asked, given.user_id ?? null);
    const most = cloud.quotas.of(asked.caller.projectId ?? '').key_pairs;
    if (most >= 0 && cloud.keyPairs.of(userId).length >= most) {
      throw new Fault('forbidden', 'Quota exceeded, too many key pairs.');
    }
    if (given.public_key === undefined && atLeast(asked.microversion, '2.92')) {
      throw new Fault('bad-request', "Invalid input for field/attribute keypair. 'public_key' is a required property");
    }
    const { publicKey, privateKey } = given.public_key === undefined ? generate() : { publicKey: given.public_key };
    const fingerprint = fingerprintOf(publicKey);
    const { name, type = 'ssh' } = given;
    const pair = cloud.keyPairs.add({ name, type, publicKey, fingerprint, userId, createdAt: cloud.clock.now() });
    const shown = { ...brief(asked, pair), user_id: userId, ...(privateKey ? { private_key: privateKey } : {}) };
    return json(atLeast(asked.microversion, '2.2') ? 201 : 200, { keypair: shown });
  };
}

const brief = (asked: Asked, { name, type, publicKey, fingerprint }: KeyPair): Record<string, unknown> => ({
  name,
  public_key: publicKey,
  fingerprint,
  ...(atLeast(asked.microversion, '2.2') ? { type } : {}),
});

const whole = (asked: Asked, pair: KeyPair): Record<string, unknown> => ({
  ...brief(asked, pair),
  user_id: pair.userId,
  id: pair.number,
  created_at: isoMicros(pair.createdAt),
  deleted: false,
  deleted_at: null,
  updated_at: null,
});

/** MD5 of the key's bytes, as ssh-keygen used to show it. @throws Fault 400 */
function fingerprintOf(publicKey: string): string {
  const [kind = '', data = ''] = publicKey.trim().split(/\s+/);
  const bytes = Buffer.from(data, 'base64');
  if (!/^(ssh|ecdsa|sk-)/.test(kind) || bytes.length < 16) {
    throw new Fault('bad-request', 'Keypair data is invalid: failed to generate fingerprint');
  }
  const digest = createHash('md5').update(bytes).digest('hex');
  return digest.match(/../g)!.join(':');
}

function generate(): { publicKey: string; privateKey: string } {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { e = '', n = '' } = pair.publicKey.export({ format: 'jwk' });
  const parts = [Buffer.from('ssh-rsa'), number(e), number(n)].flatMap((part) => [lengthOf(part), part]);
  return {
    publicKey: `ssh-rsa ${Buffer.concat(parts).toString('base64')} Generated-by-Nova`,
    privateKey: pair.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString(),
  };
}

/** A number in SSH's form: a leading bit that is set would make it negative. */
function number(base64url: string): Buffer {
  const bytes = Buffer.from(base64url, 'base64url');
  return bytes[0]! & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
}

function lengthOf(part: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return length;
}
