/** The kinds of resources Neutron has, each in one site. */
import type { SiteCapabilities } from '../sites/site.js';
import type { Body, Kind, KindFeed } from '../resources/kind.js';
import type { Collection } from './collection.js';
import { collections } from './collections.js';

/** Aliases of the extension that knows `changed_since`, old and new. */
const timestamps = ['standard-attr-timestamp', 'timestamp_core', 'timestamp'];

/** Collections that keep no time of their last change. */
const timeless = new Set(['rbac_policy']);

/** What an operator would lose sight of with its site. */
const keptSites = new Set(['network', 'router', 'floating_ip']);

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

const kindOf = (collection: Collection): Kind => ({
  name: collection.kind,
  service: 'network',
  collection: collection.path,
  key: collection.key,
  keys: collection.keys,
  ...(keptSites.has(collection.kind) ? { keepsSite: true } : {}),
  ...(collection.followed ? { feed: feedOf(collection), mergeSeen: keepShared } : {}),
});

export const networkKinds: readonly Kind[] = collections.map(kindOf);
