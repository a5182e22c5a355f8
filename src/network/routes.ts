/** Neutron's API: one route per method and path, made from the table of collections. Paths are below /v2.0. */
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { readAtHome } from '../routing/any-site.js';
import { passOne, passToOwner } from '../routing/pass.js';
import type { World } from '../routing/world.js';
import { methodsOf, type Collection, type Nested } from './collection.js';
import { collections } from './collections.js';
import { create } from './create.js';
import { changing, isConcerned, takingAddresses, unlessHidden } from './homed-items.js';
import { listExtensions, showExtension } from './extensions.js';
import { listFollowed } from './list.js';
import { listMerged } from './merge.js';
import { newGroupAnswers, type GlobalAnswers } from './new-groups/routes.js';
import { remove, show, update } from './one.js';
import { quotaDetails, readQuota, writeQuota } from './quotas.js';
import { below, type Fields } from './references.js';
import { autoAllocatedTopology } from './topology.js';
import { listZones } from './zones.js';

/** Documents that are the same in all sites of a release. */
const documents = [
  '/',
  '/service-providers',
  '/qos/rule-types',
  '/qos/rule-types/{rule_type}',
  '/log/loggable-resources',
];

export const networkRoutes = (world: World): Route[] => [
  ...collections.flatMap((collection) => {
    const inAllZones = newGroupAnswers[collection.kind]?.(world, collection);
    return inAllZones ? globalRoutes(collection, inAllZones) : routesOf(world, collection);
  }),
  ...documents.map((path) => of('GET', path, readAtHome(world))),
  of('GET', '/extensions', listExtensions(world)),
  of('GET', '/extensions/{alias}', showExtension(world)),
  of('GET', '/availability_zones', listZones(world)),
  of('GET', '/auto-allocated-topology/{project_id}', autoAllocatedTopology(world)),
  of('DELETE', '/auto-allocated-topology/{project_id}', autoAllocatedTopology(world)),
  ...quotaRoutes(world),
  ...dashedRoutes(world),
];

// Neutron decides more finely who may do what than any table of ours could: a tenant's list of agents is empty, its
// create of one is 403, another's network is 404. The site is asked in the tenant's own name and says so itself.
const of = (method: string, path: string, run: Answer): Route =>
  route(`${method} ${path}`, method === 'GET' ? 'reader' : 'member', run);

// Controllers of their own inside Neutron, which do not look at the method of a read.
const withHead = (one: Route): Route => (one.method === 'GET' ? { ...one, head: true } : one);

/** Of what is the same in all zones. */
function globalRoutes({ path, verbs }: Collection, answers: GlobalAnswers): Route[] {
  return [
    ...methodsOf(verbs[0]).map((method) => of(method, path, method === 'GET' ? answers.list : answers.create)),
    ...methodsOf(verbs[1]).map((method) => of(method, `${path}/{id}`, method === 'GET' ? answers.show : answers.write)),
  ];
}

function routesOf(world: World, collection: Collection): Route[] {
  const { path, kind, verbs, idsOf, actions = {}, reads = [], nested = [], tags } = collection;
  const row = (method: string, at: string, run: Answer): Route =>
    collection.servicesWrite && method !== 'GET'
      ? route(`${method} ${at}`, 'member or service', run)
      : of(method, at, run);
  const onOne = (rest: string, verbs: string, references: Fields = []) =>
    methodsOf(verbs).map((method) =>
      row(
        method,
        `${path}/{id}${rest}`,
        belowHomed(world, collection, rest, passToOwner(world, kind, 'id', { references })),
      ),
    );
  const list = collection.followed ? listFollowed : listMerged;
  const answers: Record<string, (world: World, collection: Collection) => Answer> = {
    GET: idsOf ? () => passToOwner(world, idsOf, 'id') : show,
    PUT: update,
    DELETE: remove,
  };
  return [
    ...methodsOf(verbs[0]).map((method) => row(method, path, (method === 'GET' ? list : create)(world, collection))),
    ...methodsOf(verbs[1]).map((method) => row(method, `${path}/{id}`, answers[method]!(world, collection))),
    ...Object.entries(actions).flatMap(([action, references]) => onOne(`/${action}`, 'U', references)),
    ...reads.flatMap((word) => onOne(`/${word}`, 'G')),
    ...nested.flatMap((inner) => [
      ...onOne(`/${inner.path}`, inner.verbs[0], fieldsOf(inner)),
      ...onOne(`/${inner.path}/{nested_id}`, inner.verbs[1], fieldsOf(inner)),
    ]),
    // Tags of what has an older path are asked for at the newer one, too: a site's Neutron says what it thinks of that.
    ...[...new Set(tags === undefined ? [] : [tags, path])].flatMap((at) => tagRoutes(world, at, kind)),
  ];
}

/** Actions on what may have copies. */
function belowHomed(world: World, { kind }: Collection, rest: string, pass: Answer): Answer {
  if (!isConcerned(kind)) return pass;
  const isTaking = rest === '/remove_addresses';
  return unlessHidden(world, kind, isTaking ? takingAddresses(world, pass) : changing(world, kind, pass));
}

const fieldsOf = ({ key, fields }: Nested): Fields => (key === '' ? fields : below(key, `${key}s`, fields));

const tagRoutes = (world: World, path: string, kind: string): Route[] => {
  const pass = unlessHidden(world, kind, passToOwner(world, kind, 'id'));
  return [
    ...methodsOf('GCUD').map((method) => withHead(of(method, `${path}/{id}/tags`, pass))),
    ...methodsOf('GUD').map((method) => withHead(of(method, `${path}/{id}/tags/{tag}`, pass))),
  ];
};

const quotaRoutes = (world: World): Route[] => [
  withHead(of('GET', '/quotas', readQuota(world))),
  withHead(of('GET', '/quotas/{project_id}', readQuota(world))),
  withHead(of('GET', '/quotas/{project_id}/default', readQuota(world))),
  of('GET', '/quotas/{project_id}/details', quotaDetails(world)),
  of('PUT', '/quotas/{project_id}', writeQuota(world)),
  of('DELETE', '/quotas/{project_id}', writeQuota(world)),
];

/** The API reference deletes at `/sfc/port-chains`, networking-sfc itself at `/sfc/port_chains`, like all else. */
const dashedRoutes = (world: World): Route[] =>
  collections
    .filter(({ path, keys }) => path.startsWith('/sfc/') && keys !== 'service_graphs')
    .map(({ path, kind, keys }) => {
      const asBuilt = (asked: Asked): string => asked.path.replace(/^\/sfc\/[^/]+/, path);
      return of('DELETE', `/sfc/${keys.replaceAll('_', '-')}/{id}`, passOne(world, kind, 'id', { path: asBuilt }));
    });
