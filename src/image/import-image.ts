/** `POST /images/{image_id}/import`: the image's site does it; where it is to fetch a URL, only one that leads outward. */
import { tryJson } from '@cascade/openstack-protocol/server/body.js';
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import type { World } from '../routing/world.js';
import { endOf } from './import-redirects.js';
import { uriIn } from './import-uri.js';
import { writeBelow } from './pass-image.js';

/** @param allowed hosts, with port where the URL has one, that may be asked though they are inward: an operator's own mirror */
export function importImage(world: World, allowed: ReadonlySet<string>): Answer {
  const pass = writeBelow(world);
  const isAllowed = (uri: string): boolean => isAmong(allowed, uri);
  return async (asked) => {
    const raw = await asked.readBody();
    const uri = uriIn(raw);
    const body = uri === undefined ? raw : withUri(raw, await endOf(uri, { isAllowed }));
    return pass({ ...asked, readBody: () => Promise.resolve(body) });
  };
}

function withUri(raw: Buffer, uri: string): Buffer {
  const body = tryJson(raw) as { method: object };
  return Buffer.from(JSON.stringify({ ...body, method: { ...body.method, uri } }));
}

// Compared as written: what another parser might read differently is not among them.
const isAmong = (allowed: ReadonlySet<string>, uri: string): boolean =>
  allowed.has(/^https?:\/\/([\w.:-]+)(?=[/?#]|$)/.exec(uri)?.[1] ?? '');
