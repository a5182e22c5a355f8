/** The kinds of resources Glance has in one site. Its bodies are not wrapped. */
import type { Body, Kind } from '../resources/kind.js';

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Where a site keeps the bytes; an administrator's to see. */
export const locationFields = ['locations', 'direct_url'] as const;
const links = ['self', 'file', 'schema'];

// What is left are Glance's own columns and the custom properties, all of which lists filter by.
const imageFacts = (body: Body): Body => {
  const facts = { ...body };
  for (const key of [...locationFields, ...links]) delete facts[key];
  return facts;
};

// Every answer shows the whole image, so a property it does not show is gone; only its locations were taken out for tenants.
function mergeSeenImage(seen: Body, known: Body | undefined): Body {
  const merged = { ...seen };
  for (const key of locationFields) if (!(key in seen) && known && key in known) merged[key] = known[key];
  return merged;
}

export const imageKinds: readonly Kind[] = [
  {
    name: 'image',
    service: 'image',
    collection: '/images',
    key: '',
    keys: 'images',
    keepsSite: true,
    projectOf: (body) => text(body['owner']),
    factsOf: imageFacts,
    mergeSeen: mergeSeenImage,
    feed: {
      path: '/images',
      // Without `all` an administrator does not see other projects' community images.
      everything: { visibility: 'all' },
      parts: [{}, { os_hidden: 'true' }],
      ofProject: (projectId) => ({ owner: projectId }),
      changed: (since) => [{ updated_at: `gte:${since.toISOString().replace(/\.\d+Z$/, 'Z')}` }],
      ids: { path: '/images', query: { visibility: 'all' } },
      page: 250,
    },
  },
  // With whom an image is shared. No feed: members are found image by image, see members.ts.
  {
    name: 'image_member',
    service: 'image',
    collection: '/images/{image_id}/members',
    key: '',
    keys: 'members',
    projectOf: (body) => text(body['member_id']),
  },
  // Glance removes them by itself after a while; they are asked for where they are.
  {
    name: 'task',
    service: 'image',
    collection: '/tasks',
    key: '',
    keys: 'tasks',
    projectOf: (body) => text(body['owner']),
  },
];
