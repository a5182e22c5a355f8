/** The job that keeps a promise: makes the server once its image is at the site, or says why it cannot. */
import { Hopeless, Later, type Attempt, type JobKind } from '../../jobs/job.js';
import { bodyOf, type OpenStackResponse } from '../../openstack/message.js';
import type { Row } from '../../resources/inventory.js';
import type { Body } from '../../resources/kind.js';
import { linkBodyBack } from '../../resources/linking.js';
import { askAsAdmin, faultWords } from '../../routing/speaker.js';
import { kindNamed, type World } from '../../routing/world.js';
import { SiteUnreachable, type Site } from '../../sites/site.js';
import { findMarked, marked, unmark } from './marks.js';
import { changePromised, findPromised, keepPromise } from './promise-row.js';

export const bootJob = 'server-boot';

export interface BootInput {
  /** The server's, in the cascade. */
  readonly id: string;
  readonly siteId: number;
  readonly imageIds: readonly string[];
  /** A `SealedBoot`. */
  readonly sealed: string;
}

/** What is needed to ask in the tenant's name; sealed at rest. */
export interface SealedBoot {
  readonly token: string;
  readonly projectId: string;
  readonly body: Body;
  readonly microversion: string | undefined;
}

const lookSeconds = 2;
const buildSeconds = 1;
const silentSeconds = 5;

export const bootKind = (world: World): JobKind<BootInput> => ({
  name: bootJob,
  perLane: 8,
  attempts: 5,
  backoffSeconds: silentSeconds,
  run: async (input, attempt) => {
    try {
      await keep(world, input, attempt);
    } catch (error) {
      if (error instanceof SiteUnreachable) throw new Later(`${error.site} does not answer: ${error.reason}`, silentSeconds);
      throw error;
    }
  },
  gaveUp: (input, cause) => fail(world, input, cause),
}); // prettier-ignore

async function keep(world: World, input: BootInput, attempt: Attempt): Promise<void> {
  const { id, siteId } = input;
  const site = world.sites.byId(siteId);
  if (!site) throw new Hopeless('Its availability zone is no longer there.');
  const row = await findPromised(world.database, id);
  if (!row) return; // it was kept; the program stopped before it said so
  const boot = JSON.parse(world.secrets.open(input.sealed, id)) as SealedBoot;
  const known = await world.sites.aliases.find(site.id, id);
  const find = () => (known ? Promise.resolve(known) : findMarked(site, id, boot.projectId, row.created_at));
  if (row.deleted_at) return removeMade(site, known ? id : await find());
  // An attempt that was cut off may have made it, whatever became of the image since.
  let made = known ?? (attempt.number > 1 ? await find() : undefined);
  if (made === undefined) {
    await waitForImages(world, input, site);
    made = (await find()) ?? (await make(site, id, boot));
  }
  // From here on the site's door knows the server by the id that was promised.
  if (!known) await world.sites.setAlias(site.id, id, made);
  // Until it is built no mark can be taken off; until the promise is kept nobody is shown what the site says.
  const server = await serverAt(site, id);
  if (server?.['status'] === 'BUILD') throw new Later('its site builds it', buildSeconds);
  await unmark(site, id, server);
  if (!(await keepPromise(world.database, row, made))) return removeMade(site, id);
  await readBack(world, site, id);
  world.log.info({ event: 'server.promise_kept', server: id, site: site.name }, 'a promised server was made');
}

/** @throws Later until they are there, Hopeless where one will not be */
async function waitForImages({ copies, inventory }: World, { imageIds }: BootInput, site: Site): Promise<void> {
  for (const imageId of imageIds) {
    const copy = await copies.table.find({ imageId, siteId: site.id });
    if (copy?.state === 'active') continue;
    if (copy?.state === 'failed') throw new Hopeless(`Image ${imageId} could not be copied: ${copy.cause ?? 'no cause is known'}`);
    if (await inventory.find('image', imageId, site.id)) {
      if (!copy) continue;
    } else if (!copy) {
      const home = await inventory.find('image', imageId);
      if (!home) throw new Hopeless(`Image ${imageId} could not be found.`);
      await copies.begin({ imageId, siteId: site.id }, home.site_id);
    }
    throw new Later(`image ${imageId} is being copied`, lookSeconds);
  }
} // prettier-ignore

async function make(site: Site, id: string, boot: SealedBoot): Promise<string> {
  const { token, projectId, microversion } = boot;
  const asked = { service: 'compute', method: 'POST', path: '/servers', microversion } as const;
  const body = Buffer.from(JSON.stringify(marked(boot.body, id, microversion)));
  const ask = (vouched: boolean) =>
    site.request({ ...asked, headers: { 'content-type': 'application/json' }, body }, { token, projectId, vouched });
  let response = await ask(false);
  // Its token has ended meanwhile. Sites believe one that has, for work that began before, where a service vouches for it.
  if (response.status === 401) response = await ask(true);
  const answer = (bodyOf(response) ?? {}) as { server?: { id?: string } };
  if (response.status < 300 && answer.server?.id !== undefined) return answer.server.id;
  throw refused(site, response);
} // prettier-ignore

function refused(site: Site, response: OpenStackResponse): Error {
  const { status } = response;
  if (status === 401) {
    return new Hopeless(
      'The token with which the server was asked for ended before its image was here. Ask for it again: now it is.',
    );
  }
  const words = faultWords((bodyOf(response) ?? {}) as Body);
  if (status >= 400 && status < 500) return new Hopeless(words);
  // It may have been made all the same: the next attempt looks for it first.
  return new Error(`${site.name} answered ${status}: ${words}`);
}

/** Deleted by the tenant before it was made, or while it was. */
async function removeMade(site: Site, id: string | undefined): Promise<void> {
  if (id === undefined) return;
  const { status } = await askAsAdmin(site, 'compute', 'DELETE', `/servers/${id}`);
  if (status >= 300 && status !== 404) throw new SiteUnreachable(site.name, true, `a server was not deleted: ${status}`);
} // prettier-ignore

/** Undefined where the site has it no more. @throws SiteUnreachable */
async function serverAt(site: Site, id: string): Promise<Body | undefined> {
  const { status, body } = await askAsAdmin(site, 'compute', 'GET', `/servers/${id}`);
  if (status === 404) return undefined;
  const server = body['server'] as Body | undefined;
  if (status === 200 && server) return server;
  throw new SiteUnreachable(site.name, true, `server ${id}: ${status} instead of what it is`);
}

async function readBack(world: World, site: Site, id: string): Promise<void> {
  const kind = kindNamed(world, 'server');
  const askedAt = new Date();
  const options = { microversion: kind.feed?.microversion ?? '2.1' };
  const { status, body } = await askAsAdmin(site, 'compute', 'GET', `/servers/${id}`, options);
  const server = body['server'] as Body | undefined;
  if (status === 200 && server) await world.inventory.store(kind, site, [linkBodyBack(server, site)], askedAt);
}

/** The tenant reads the cause in the server's fault, as of a server that Nova could not build. */
async function fail(world: World, { id }: BootInput, cause: string): Promise<void> {
  const row: Row | undefined = await findPromised(world.database, id);
  if (!row) return;
  const created = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const fault = { code: 500, created, message: cause.slice(0, 255) };
  const state = { 'OS-EXT-STS:vm_state': 'error', 'OS-EXT-STS:task_state': null };
  await changePromised(world.database, row, { status: 'ERROR', fault, ...state });
}
