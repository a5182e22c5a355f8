/** `metadata` of volumes and snapshots. @see openstack/cinder:cinder/api/v3/volume_metadata.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { bodyUnder, wordsOf } from './asked.js';
import type { Words } from './volume.js';

interface Keeper<T> {
  /** Of what: `Volume`. */
  readonly word: string;
  one(asked: Asked): T;
  change(row: T, metadata: Words): void;
}

export function metadataRoutes<T extends { id: string; metadata: Words }>(
  of: string,
  { word, one, change }: Keeper<T>,
): Route[] {
  const known = ({ id, metadata }: T, key: string): string => {
    const value = metadata[key];
    if (value === undefined) throw new Fault('not-found', `${word} ${id} has no metadata with key ${key}.`);
    return value;
  };
  return [
    route(`GET ${of}/metadata`, 'reader', async (asked) => json(200, { metadata: one(asked).metadata })),
    route(`POST ${of}/metadata`, 'member', async (asked) => {
      const given = wordsOf(await bodyUnder(asked, 'metadata'));
      const row = one(asked);
      change(row, { ...row.metadata, ...given });
      return json(200, { metadata: row.metadata });
    }),
    route(`PUT ${of}/metadata`, 'member', async (asked) => {
      const given = wordsOf(await bodyUnder(asked, 'metadata'));
      change(one(asked), given);
      return json(200, { metadata: given });
    }),
    route(`GET ${of}/metadata/{key}`, 'reader', async (asked) => {
      const { key = '' } = asked.params;
      return json(200, { meta: { [key]: known(one(asked), key) } });
    }),
    route(`PUT ${of}/metadata/{key}`, 'member', async (asked) => {
      const { key = '' } = asked.params;
      const given = wordsOf(await bodyUnder(asked, 'meta'), 'meta');
      const value = given[key];
      if (value === undefined) throw new Fault('bad-request', 'Request body and URI mismatch');
      const row = one(asked);
      change(row, { ...row.metadata, [key]: value });
      return json(200, { meta: { [key]: value } });
    }),
    route(`DELETE ${of}/metadata/{key}`, 'member', async (asked) => {
      const row = one(asked);
      known(row, asked.params['key'] ?? '');
      const { [asked.params['key'] ?? '']: _gone, ...left } = row.metadata;
      change(row, left);
      return noContent(200);
    }),
  ];
}
