/** The job behind a placeholder: creates the resource once what it names is at the site, or says why it cannot. */
import type { Copied } from '../../copies/copies.js';
import { NonRetryable, RetryLater, type Attempt, type JobKind } from '../../jobs/job.js';
import type { Row } from '../../resources/inventory.js';
import type { Body } from '../../resources/kind.js';
import { SiteUnreachable, type Site } from '../../sites/site.js';
import { kindNamed, type World } from '../world.js';
import { createAtSite, readBack, type SealedRequest } from './create-at-site.js';
import { updatePlaceholder, findPlaceholder, settlePlaceholder } from './placeholder-rows.js';

/** What differs between the kinds that have placeholders. Ids are the cascade's; the site's gateway knows them once it exists. */
export interface PlaceholderKind {
  /** Name of the kind, and of the job. */
  readonly kind: string;
  readonly job: string;
  /** The body of a create with a mark in it, by which what was made is found when the answer is lost. */
  marked(body: Body, id: string, microversion: string | undefined): Body;
  /** The site's id of what bears the mark. @throws SiteUnreachable */
  find(site: Site, id: string, projectId: string, since: Date): Promise<string | undefined>;
  /** Takes the mark off; until then the placeholder is shown instead of the site's answer. @throws RetryLater, SiteUnreachable */
  settle(site: Site, id: string): Promise<void>;
  /** Removes what was created for a deleted placeholder; `id` may be the site's own. @throws RetryLater, SiteUnreachable */
  remove(site: Site, id: string): Promise<void>;
  /** What is shown of one that cannot be created. */
  failed(cause: string): Body;
  /** Tells the tenant why, where that is no part of what is shown. */
  tell?(world: World, row: Row, cause: string): Promise<void>;
}

export interface PlaceholderInput {
  /** In the cascade. */
  readonly id: string;
  readonly siteId: number;
  readonly awaited: readonly Copied[];
  /** A `SealedRequest`. */
  readonly sealed: string;
}

const silentSeconds = 5;

/** Registers the job of a kind; a copy that arrives at a site runs the jobs that wait there at once. */
export function registerPlaceholders(world: World, spec: PlaceholderKind): void {
  world.jobs.register(placeholderJob(world, spec));
  for (const copies of world.copiesOf.values())
    copies.onArrival.push((site) => world.jobs.runNow(spec.job, String(site.id)));
}

const placeholderJob = (world: World, spec: PlaceholderKind): JobKind<PlaceholderInput> => ({
  name: spec.job,
  perLane: 8,
  attempts: 5,
  backoffSeconds: silentSeconds,
  run: async (input, attempt) => {
    try {
      await create(world, spec, input, attempt);
    } catch (error) {
      if (error instanceof SiteUnreachable)
        throw new RetryLater(`${error.site} does not answer: ${error.reason}`, silentSeconds);
      throw error;
    }
  },
  gaveUp: (input, cause) => fail(world, spec, input, cause),
});

async function create(world: World, spec: PlaceholderKind, input: PlaceholderInput, attempt: Attempt): Promise<void> {
  const { id, siteId } = input;
  const kind = kindNamed(world, spec.kind);
  const site = world.sites.byId(siteId);
  if (!site) throw new NonRetryable('Its availability zone is no longer there.');
  const row = await findPlaceholder(world.database, kind.name, id);
  if (!row) return; // it was created; the program stopped before the job was marked done
  const request = JSON.parse(world.secrets.open(input.sealed, id)) as SealedRequest;
  const known = await world.sites.aliases.find(site.id, id);
  const find = async () => known ?? (await spec.find(site, id, request.projectId ?? '', row.created_at));
  if (row.deleted_at) {
    const there = known ? id : await find();
    return there === undefined ? undefined : spec.remove(site, there);
  }
  // An interrupted attempt may have created it, whatever became of the image since.
  let made = known ?? (attempt.number > 1 ? await find() : undefined);
  if (made === undefined) {
    for (const one of input.awaited) await world.copiesOf.get(one.kind)?.require(one.id, site.id);
    const body = spec.marked(request.body, id, request.microversion);
    made = (await find()) ?? (await createAtSite(site, kind, { ...request, body }));
  }
  // From here on the site's gateway knows it by the placeholder's id.
  if (!known) await world.sites.aliases.add(site.id, id, made);
  await spec.settle(site, id);
  if (!(await settlePlaceholder(world.database, kind, row, made))) return spec.remove(site, id);
  await readBack(world, kind, site, id);
  world.log.info(
    { event: `${kind.name}.placeholder_created`, [kind.name]: id, site: site.name },
    'what a placeholder stood for was created',
  );
}

async function fail(world: World, spec: PlaceholderKind, { id }: PlaceholderInput, cause: string): Promise<void> {
  const row = await findPlaceholder(world.database, spec.kind, id);
  if (!row) return;
  const kind = kindNamed(world, spec.kind);
  if (!(await updatePlaceholder(world.database, kind, row, spec.failed(cause)))) return;
  await spec.tell?.(world, row, cause);
  world.log.warn(
    { event: `${spec.kind}.placeholder_failed`, [spec.kind]: id, cause },
    'what a placeholder stands for cannot be created',
  );
}
