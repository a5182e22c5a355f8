/** The kinds of resources Neutron has, each in one site. */
import type { SiteCapabilities } from '../sites/site.js';
import { isMarked } from '../homed/marks.js';
import type { Body, Kind, KindFeed, Tie } from '../resources/kind.js';
import type { Collection } from './collection.js';
import { collections } from './collections.js';

/** Aliases of the extension that knows `changed_since`, old and new. */
const timestamps = ['standard-attr-timestamp', 'timestamp_core', 'timestamp'];

/** Collections that keep no time of their last change. */
const timeless = new Set(['rbac_policy']);

/** What an operator would lose sight of with its site. */
const keptSites = new Set(['network', 'router', 'floating_ip']);

/** Of these, copies say so themselves. */
const marked = new Set(['security_group', 'security_group_rule', 'address_group']);

const ties: Partial<Record<string, Tie>> = {
  network: 'topology',
  router: 'topology',
  floating_ip: 'stored',
  security_group: 'loose',
};

/**
 * Where everybody's way out is, there a project's own networks belong. Where several sites have one, the operator says which
 * is meant as in Neutron: its network is the default one.
 */
const waysOut: Kind['drawsProjects'] = {
  those: `r.facts->>'router:external' = 'true'`,
  mostly: `r.facts->>'is_default' = 'true'`,
};

const changedSince = (since: Date, { networkExtensions }: SiteCapabilities): Record<string, string>[] | undefined =>
  timestamps.some((alias) => networkExtensions.includes(alias))
    ? [{ changed_since: since.toISOString().replace(/\.\d+Z$/, 'Z') }]
    : undefined;

const feedOf = (collection: Collection): KindFeed => ({
  path: collection.path,
  everything: {},
  ofProject: (projectId) => ({ project_id: projectId }),
  ...(timeless.has(collection.kind) ? {} : { changed: changedSince }),
  ...(collection.kind === 'rbac_policy'
    ? { offered: (site: SiteCapabilities) => site.networkExtensions.includes('rbac-policies') }
    : {}),
  ids: { path: collection.path, query: { fields: 'id' } },
  page: 500,
});

/**
 * Neutron says `shared` as the asker sees it: true for who was given access alone, too. What the site's administrator
 * was told stays; who else may see it is told by the RBAC policies.
 */
const keepShared = (seen: Body, known: Body | undefined): Body => ({
  ...known,
  ...seen,
  ...(known?.['shared'] === undefined || seen['shared'] === undefined ? {} : { shared: known['shared'] }),
});

function kindOf(collection: Collection): Kind {
  const tie = ties[collection.kind];
  return {
    name: collection.kind,
    service: 'network',
    collection: collection.path,
    key: collection.key,
    keys: collection.keys,
    ...(marked.has(collection.kind) ? { isCopy: (body: Body) => isMarked(body['description']) } : {}),
    ...(keptSites.has(collection.kind) ? { keepsSite: true } : {}),
    ...(tie ? { tiesProject: tie } : {}),
    ...(collection.kind === 'network' ? { drawsProjects: waysOut } : {}),
    ...(collection.followed ? { feed: feedOf(collection), mergeSeen: keepShared } : {}),
  };
}

export const networkKinds: readonly Kind[] = collections.map(kindOf);
