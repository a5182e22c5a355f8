/**
 * Global resources as histories make them: a few ids or names of each kind, each of which is made, deleted and made again.
 * One made again differs from the one before in a value by which the two are told apart.
 */
import { createHash } from 'node:crypto';
import type { OpenStackApi, Told } from './openstack-api.js';

export type GlobalName = 'flavor' | 'key pair' | 'volume type' | 'compute quota';

/** What each of some ids or names has; of a name that several have at once, all values. */
export type Values = ReadonlyMap<string, string>;

export interface GlobalUnderTest {
  /** An id or name that no earlier history has used. */
  readonly slot: (tag: string, which: number) => string;
  /** The value that goes with a number which is never used twice. */
  readonly value: (number: number) => string;
  /** What a slot has that nothing was made in. @default nothing */
  readonly initial?: string;
  /** True where sites have it only once a request there has named it. */
  readonly isOnDemand?: boolean;
  readonly make: (api: OpenStackApi, slot: string, value: string) => Promise<Told>;
  /** @returns undefined where nothing could be asked for */
  readonly remove: (api: OpenStackApi, slot: string) => Promise<Told | undefined>;
  /** @throws Error where it is not told */
  readonly read: (api: OpenStackApi, slots: readonly string[]) => Promise<Values>;
}

export const globalKinds: Record<GlobalName, GlobalUnderTest> = {
  flavor: {
    slot: (tag, which) => `${tag}-flavor-${which}`,
    value: (number) => String(64 + number),
    make: (api, id, ram) =>
      api.ask('compute', 'POST', '/flavors', { flavor: { id, name: id, ram: Number(ram), vcpus: 1, disk: 1 } }),
    remove: (api, id) => api.ask('compute', 'DELETE', `/flavors/${id}`),
    read: async (api, slots) => {
      const rows = await listed<{ id: string; ram: number }>(
        api,
        'compute',
        '/flavors/detail?is_public=none',
        'flavors',
      );
      return valuesOf(
        slots,
        rows.map(({ id, ram }) => [id, String(ram)]),
      );
    },
  },
  'key pair': {
    slot: (tag, which) => `${tag}-key-${which}`,
    value: (number) => publicKey(number),
    isOnDemand: true,
    make: (api, name, key) => api.ask('compute', 'POST', '/os-keypairs', { keypair: { name, public_key: key } }),
    remove: (api, name) => api.ask('compute', 'DELETE', `/os-keypairs/${name}`),
    read: async (api, slots) => {
      const rows = await listed<{ keypair: { name: string; public_key: string } }>(
        api,
        'compute',
        '/os-keypairs',
        'keypairs',
      );
      return valuesOf(
        slots,
        rows.map(({ keypair }) => [keypair.name, keypair.public_key]),
      );
    },
  },
  'volume type': {
    slot: (tag, which) => `${tag}-type-${which}`,
    value: (number) => `made as number ${number}`,
    make: (api, name, description) => api.ask('volume', 'POST', '/types', { volume_type: { name, description } }),
    remove: async (api, name) => {
      const found = (await types(api).catch(() => [])).find((type) => type.name === name);
      return found && api.ask('volume', 'DELETE', `/types/${found.id}`);
    },
    read: async (api, slots) =>
      valuesOf(
        slots,
        (await types(api)).map(({ name, description }) => [name, description ?? '']),
      ),
  },
  'compute quota': {
    slot: (tag, which) => createHash('md5').update(`${tag}-${which}`).digest('hex'), // an id of a project
    value: (number) => String(1_000 + number),
    initial: '10',
    make: (api, project, limit) =>
      api.ask('compute', 'PUT', `/os-quota-sets/${project}`, { quota_set: { server_group_members: Number(limit) } }),
    remove: (api, project) => api.ask('compute', 'DELETE', `/os-quota-sets/${project}`),
    read: async (api, slots) => {
      const read = async (project: string): Promise<[string, string]> => {
        const { status, body } = await api.ask('compute', 'GET', `/os-quota-sets/${project}`);
        const limit = (body?.['quota_set'] as { server_group_members?: number } | undefined)?.server_group_members;
        if (status !== 200 || limit === undefined) throw new Error(`quota of ${project}: ${status}`);
        return [project, String(limit)];
      };
      return new Map(await Promise.all(slots.map(read)));
    },
  },
};

export const globalNames = Object.keys(globalKinds) as GlobalName[];

const types = (api: OpenStackApi) =>
  listed<{ id: string; name: string; description: string | null }>(
    api,
    'volume',
    '/types?is_public=None',
    'volume_types',
  );

async function listed<Row>(
  api: OpenStackApi,
  service: 'compute' | 'volume',
  path: string,
  key: string,
): Promise<Row[]> {
  const { status, body } = await api.ask(service, 'GET', path);
  const rows = body?.[key] as Row[] | undefined;
  if (status !== 200 || !rows) throw new Error(`list of ${key}: ${status} ${JSON.stringify(body)}`);
  return rows;
}

function valuesOf(slots: readonly string[], pairs: readonly (readonly [string, string])[]): Values {
  const found = new Map<string, string>();
  for (const [slot, value] of pairs) {
    if (!slots.includes(slot)) continue;
    const others = found.get(slot);
    found.set(slot, others === undefined ? value : [others, value].sort().join(' and '));
  }
  return found;
}

/** An Ed25519 key in OpenSSH's form. */
function publicKey(number: number): string {
  const part = (bytes: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const key = createHash('sha256').update(String(number)).digest();
  const blob = Buffer.concat([part(Buffer.from('ssh-ed25519')), part(key)]);
  return `ssh-ed25519 ${blob.toString('base64')} key-${number}`;
}
