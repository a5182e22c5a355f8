/** The kinds of resources Nova has in one site. */
import type { Body, Kind } from '../resources/kind.js';
import { serverFacts } from './servers/server-facts.js';
import { serverText } from './servers/server-lines.js';

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

// What a create answers once and must never be kept, and what another microversion writes in another shape.
const notKept = ['adminPass', 'links'];
const shapedByMicroversion = ['flavor', 'os-extended-volumes:volumes_attached'];

const idOf = (image: unknown): unknown => (image as Body | null | undefined)?.['id'];

const haveTypes = (addresses: unknown): boolean =>
  Object.values((addresses ?? {}) as Record<string, Body[]>)
    .flat()
    .every((address) => 'OS-EXT-IPS:type' in address);

function mergeSeenServer(seen: Body, known: Body | undefined): Body {
  const merged = { ...known };
  for (const [key, value] of Object.entries(seen)) {
    if (notKept.includes(key) || (known && shapedByMicroversion.includes(key))) continue;
    // Before 2.98 an image is shown without its properties.
    if (key === 'image' && idOf(value) === idOf(known?.['image'])) continue;
    // Before 2.75 a change is answered with addresses that have no types.
    if (key === 'addresses' && known && !haveTypes(value)) continue;
    merged[key] = value;
  }
  return merged;
}

export const computeKinds: readonly Kind[] = [
  {
    name: 'server',
    service: 'compute',
    collection: '/servers',
    key: 'server',
    keys: 'servers',
    isPrivate: true,
    keepsSite: true,
    tiesProject: 'joined',
    projectOf: (body) => text(body['tenant_id']),
    timesOf: (body) => ({ created: text(body['created']), updated: text(body['updated']) }),
    factsOf: serverFacts,
    textOf: serverText,
    mergeSeen: mergeSeenServer,
    feed: {
      path: '/servers/detail',
      microversion: '2.100',
      everything: { all_tenants: '1' },
      ofProject: (projectId) => ({ project_id: projectId }),
      changed: (since) => [{ 'changes-since': since.toISOString().replace(/\.\d+Z$/, 'Z') }],
      tellsDeletions: true,
      // Deleted before it is scheduled, a server was never more than the request to build it, of which no row is left.
      // @see openstack/nova:nova/compute/api.py _delete_while_booting, nova/objects/build_request.py get_by_filters
      untraced: `r.facts->>'no_host' = 'true' and (r.facts->>'status' = 'BUILD' or r.facts->>'status' is null)`,
      ids: { path: '/servers', query: { all_tenants: '1' } },
      // @see openstack/nova:api-guide/source/down_cells.rst
      isPartial: (body) => body['status'] === 'UNKNOWN' && !('flavor' in body),
      page: 500,
    },
  },
];
