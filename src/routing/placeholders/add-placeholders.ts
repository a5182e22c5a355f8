/** Adds placeholders: they are shown from now on, and a job creates the resources once what they name is at the site. */
import { formatMicroversion } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Copied } from '../../copies/copies.js';
import type { Row } from '../../resources/inventory.js';
import type { Body } from '../../resources/kind.js';
import type { Site } from '../../sites/site.js';
import { kindNamed, type World } from '../world.js';
import type { PlaceholderKind, PlaceholderInput } from './placeholder-job.js';
import type { SealedRequest } from './create-at-site.js';
import { updatePlaceholder, storePlaceholder } from './placeholder-rows.js';

export interface NewPlaceholder {
  /** As it is shown until it is created, under the id that it keeps. */
  readonly shown: Body;
  /** The body of the create, as the site is to be asked. */
  readonly body: Body;
}

/** Adds all of them or none. */
export async function addPlaceholders(
  world: World,
  { kind, job }: PlaceholderKind,
  { caller, microversion }: Asked,
  site: Site,
  awaited: readonly Copied[],
  all: readonly NewPlaceholder[],
): Promise<void> {
  const { token, userId, projectId = '', roles } = caller;
  const version = microversion && formatMicroversion(microversion);
  await world.database.transaction(async (tx) => {
    for (const { shown, body } of all) {
      await storePlaceholder(tx, kindNamed(world, kind), site, shown);
      const id = String(shown['id']);
      const request: SealedRequest = { token, userId, projectId, roles, body, microversion: version };
      const sealed = world.secrets.seal(JSON.stringify(request), id);
      const input: PlaceholderInput = { id, siteId: site.id, awaited, sealed };
      await world.jobs.table.add({ kind: job, key: id, lane: String(site.id), input }, tx);
    }
  });
  world.jobs.soon();
}

/**
 * Deletes one: the job finds it deleted, and deletes at the site what it may have created meanwhile.
 * @param changes what its tombstone shows
 */
export async function deletePlaceholder(
  world: World,
  { kind, job }: PlaceholderKind,
  row: Row,
  changes: Body,
): Promise<void> {
  await updatePlaceholder(world.database, kindNamed(world, kind), row, changes, true);
  await world.jobs.table.again(job, row.id);
  world.jobs.soon();
}
