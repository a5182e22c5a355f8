/** Links of Nova's resources. They carry no version where they are bookmarks. */
import type { Asked } from '@cascade/openstack-protocol/server/route.js';

interface Link {
  readonly rel: string;
  readonly href: string;
}

export const bookmark = (asked: Asked, collection: string, id: string): Link[] => [
  { rel: 'bookmark', href: `${asked.serviceUrl}/${collection}/${id}` },
];

export const selfLink = (asked: Asked, collection: string, id: string): string =>
  `${asked.serviceUrl}/v2.1/${collection}/${id}`;

export const links = (asked: Asked, collection: string, id: string): Link[] => [
  { rel: 'self', href: selfLink(asked, collection, id) },
  ...bookmark(asked, collection, id),
];
