/** The job that keeps a promise: makes the thing once its images are at the site, or says why it cannot. */
import { NonRetryable, RetryLater, type Attempt, type JobKind } from '../../jobs/job.js';
import type { Row } from '../../resources/inventory.js';
import type { Body } from '../../resources/kind.js';
import { SiteUnreachable, type Site } from '../../sites/site.js';
import { kindNamed, type World } from '../world.js';
import { createAtSite, readBack, type SealedRequest } from './create-at-site.js';
import { waitForImages } from './wait-for-images.js';
import { updatePlaceholder, findPlaceholder, settlePlaceholder } from './placeholder-rows.js';

/** How things of one kind are promised. An id is the cascade's, which the site's door knows as soon as it is made. */
export interface PlaceholderKind {
  /** Name of the kind, and of the job. */
  readonly kind: string;
  readonly job: string;
  /** The body of a create with a mark in it, by which what was made is found when the answer is lost. */
  marked(body: Body, id: string, microversion: string | undefined): Body;
  /** The site's id of what bears the mark. @throws SiteUnreachable */
  find(site: Site, id: string, projectId: string, since: Date): Promise<string | undefined>;
  /** Takes the mark off; until then nobody is shown what the site says. @throws Later, SiteUnreachable */
  settle(site: Site, id: string): Promise<void>;
  /** Removes what was made for a promise that was taken back; `id` may be the site's own. @throws Later, SiteUnreachable */
  remove(site: Site, id: string): Promise<void>;
  /** What is shown of one that cannot be made. */
  failed(cause: string): Body;
  /** Tells the tenant why, where that is no part of what is shown. */
  tell?(world: World, row: Row, cause: string): Promise<void>;
}

export interface PlaceholderInput {
  /** In the cascade. */
  readonly id: string;
  readonly siteId: number;
  readonly imageIds: readonly string[];
  /** A `SealedRequest`. */
  readonly sealed: string;
}

const silentSeconds = 5;

/** Things of a kind are made when their images are there; a site with a new image is looked at without delay. */
export function registerPlaceholders(world: World, promised: PlaceholderKind): void {
  world.jobs.register(promiseJob(world, promised));
  world.copies.onArrival.push((site) => world.jobs.runNow(promised.job, String(site.id)));
}

const promiseJob = (world: World, promised: PlaceholderKind): JobKind<PlaceholderInput> => ({
  name: promised.job,
  perLane: 8,
  attempts: 5,
  backoffSeconds: silentSeconds,
  run: async (input, attempt) => {
    try {
      await keep(world, promised, input, attempt);
    } catch (error) {
      if (error instanceof SiteUnreachable)
        throw new RetryLater(`${error.site} does not answer: ${error.reason}`, silentSeconds);
      throw error;
    }
  },
  gaveUp: (input, cause) => fail(world, promised, input, cause),
});

async function keep(world: World, promised: PlaceholderKind, input: PlaceholderInput, attempt: Attempt): Promise<void> {
  const { id, siteId } = input;
  const kind = kindNamed(world, promised.kind);
  const site = world.sites.byId(siteId);
  if (!site) throw new NonRetryable('Its availability zone is no longer there.');
  const row = await findPlaceholder(world.database, kind.name, id);
  if (!row) return; // it was kept; the program stopped before it said so
  const request = JSON.parse(world.secrets.open(input.sealed, id)) as SealedRequest;
  const known = await world.sites.aliases.find(site.id, id);
  const find = async () => known ?? (await promised.find(site, id, request.projectId ?? '', row.created_at));
  if (row.deleted_at) {
    const there = known ? id : await find();
    return there === undefined ? undefined : promised.remove(site, there);
  }
  // An attempt that was cut off may have made it, whatever became of the image since.
  let made = known ?? (attempt.number > 1 ? await find() : undefined);
  if (made === undefined) {
    await waitForImages(world, input.imageIds, site);
    const body = promised.marked(request.body, id, request.microversion);
    made = (await find()) ?? (await createAtSite(site, kind, { ...request, body }));
  }
  // From here on the site's door knows it by the id that was promised.
  if (!known) await world.sites.setAlias(site.id, id, made);
  await promised.settle(site, id);
  if (!(await settlePlaceholder(world.database, kind, row, made))) return promised.remove(site, id);
  await readBack(world, kind, site, id);
  world.log.info(
    { event: `${kind.name}.promise_kept`, [kind.name]: id, site: site.name },
    'what was promised was made',
  );
}

async function fail(world: World, promised: PlaceholderKind, { id }: PlaceholderInput, cause: string): Promise<void> {
  const row = await findPlaceholder(world.database, promised.kind, id);
  if (!row) return;
  const kind = kindNamed(world, promised.kind);
  if (!(await updatePlaceholder(world.database, kind, row, promised.failed(cause)))) return;
  await promised.tell?.(world, row, cause);
  world.log.warn(
    { event: `${promised.kind}.promise_failed`, [promised.kind]: id, cause },
    'what was promised cannot be made',
  );
}
