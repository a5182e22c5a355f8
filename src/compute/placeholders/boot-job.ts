/** Placeholders of servers: marked while they are created, in ERROR with the cause where they cannot be. */
import { RetryLater } from '../../jobs/job.js';
import type { Body } from '../../resources/kind.js';
import type { PlaceholderKind } from '../../routing/placeholders/placeholder-job.js';
import { askAsAdmin } from '../../routing/ask-as-admin.js';
import { SiteUnreachable, type Site } from '../../sites/site.js';
import { findMarked, marked, unmark } from './marks.js';
import { novaTime } from './placeholder-body.js';

const buildSeconds = 1;

export const serverPlaceholders: PlaceholderKind = {
  kind: 'server',
  job: 'server-boot',
  marked,
  find: findMarked,
  settle: async (site, id) => {
    // Until it is built no mark can be taken off.
    const server = await serverAt(site, id);
    if (server?.['status'] === 'BUILD') throw new RetryLater('its site builds it', buildSeconds);
    await unmark(site, id, server);
  },
  remove: async (site, id) => {
    const { status } = await askAsAdmin(site, 'compute', 'DELETE', `/servers/${id}`);
    if (status >= 300 && status !== 404)
      throw new SiteUnreachable(site.name, true, `a server was not deleted: ${status}`);
  },
  // The tenant reads the cause in the server's fault, as of a server that Nova could not build.
  failed: (cause) => ({
    status: 'ERROR',
    updated: novaTime(),
    fault: { code: 500, created: novaTime(), message: cause.slice(0, 255) },
    'OS-EXT-STS:vm_state': 'error',
    'OS-EXT-STS:task_state': null,
  }),
};

/** Undefined where the site has it no more. @throws SiteUnreachable */
async function serverAt(site: Site, id: string): Promise<Body | undefined> {
  const { status, body } = await askAsAdmin(site, 'compute', 'GET', `/servers/${id}`);
  if (status === 404) return undefined;
  const server = body['server'] as Body | undefined;
  if (status === 200 && server) return server;
  throw new SiteUnreachable(site.name, true, `server ${id}: status ${status} instead of its details`);
}
