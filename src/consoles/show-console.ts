/** A server's console: the site opens it, and the tenant gets a link of the cascade's to it. */
import { isObject, parseJsonObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, isOk, json } from '@cascade/openstack-protocol/message.js';
import { atLeast, formatMicroversion } from '@cascade/openstack-protocol/microversion.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { linkBack } from '../resources/linking.js';
import { fitToSite } from '../routing/older-site.js';
import { ownerOf } from '../routing/owner.js';
import { kindNamed, type World } from '../routing/world.js';
import type { Site } from '../sites/site.js';
import { ConsoleLinks } from './link-table.js';
import { isNearHost } from './site-url.js';
import { tenantUrl } from './tenant-url.js';

const consoleActions = ['os-getVNCConsole', 'os-getSPICEConsole', 'os-getRDPConsole', 'os-getSerialConsole'];

/** `POST /servers/{server_id}/action`: consoles here, all else is `others`' to answer. */
export function consoleActionOr(world: World, others: Answer): Answer {
  const show = showConsole(world);
  return async (asked) => {
    const raw = await asked.readBody();
    const again: Asked = {
      ...asked,
      readBody: () => Promise.resolve(raw),
      readJson: async () => parseJsonObject(raw, asked.headers['content-type']),
    };
    const body = tryJson(raw);
    return isObject(body) && consoleActions.some((name) => Object.hasOwn(body, name)) ? show(again) : others(again);
  };
}

/** `POST /servers/{server_id}/remote-consoles`, and the actions that came before it. */
export function showConsole(world: World): Answer {
  const links = new ConsoleLinks(world.database);
  return async (asked) => {
    const serverId = asked.params['server_id'] ?? '';
    const owner = await ownerOf(world, asked, kindNamed(world, 'server'), serverId);
    const site = owner?.site ?? (await world.placement.homeSite(asked.caller.projectId, 'compute'));
    const response = await askSite(asked, site);
    const body = isOk(response) ? bodyOf(response) : undefined;
    if (body === undefined) return linkBack(response, site, asked.publicUrl);
    const [key, shown] = Object.entries(body as Record<string, unknown>)[0] ?? [];
    if (key === undefined || !isObject(shown)) throw unusable(world, site, serverId, 'the answer names no console');
    const url = usableUrl(world, site, serverId, shown['url']);
    const token = await links.make({ siteId: site.id, serverId, projectId: asked.caller.projectId, url: url.href });
    const { type, protocol } = shown;
    const { 'x-openstack-request-id': requestId } = response.headers;
    return json(
      response.status,
      { [key]: { ...(protocol === undefined ? {} : { protocol }), type, url: tenantUrl(url, token, asked.publicUrl) } },
      requestId ? { 'x-openstack-request-id': requestId, 'x-compute-request-id': requestId } : {},
    );
  };
}

// Not through `callSite`: its way back replaces the site's addresses in the URL, and we need the URL itself.
async function askSite(asked: Asked, site: Site) {
  const body = await asked.readBody();
  fitToSite(asked, site, { body });
  // Before, the site's schema refuses it.
  if (atLeast(asked.microversion, '2.99')) requireRelayable(tryJson(body));
  return site.request(
    {
      service: 'compute',
      method: 'POST',
      path: asked.path,
      headers: {
        'content-type': asked.headers['content-type'] ?? 'application/json',
        'x-openstack-request-id': asked.requestId,
      },
      body,
      microversion: asked.microversion && formatMicroversion(asked.microversion),
    },
    asked.caller,
  );
}

/**
 * Nova's own words for a console that there is not. The answer to this one's URL is a file that names a host of the site, with
 * which a SPICE client then speaks without HTTP; no link of the cascade's can stand for that.
 * @see openstack/nova:nova/conf/spice.py spice_direct_proxy_base_url
 * @throws Fault 400
 */
function requireRelayable(body: unknown): void {
  const console = isObject(body) ? body['remote_console'] : undefined;
  if (!isObject(console) || console['type'] !== 'spice-direct') return;
  const why = 'The cascade relays consoles that are web pages and web sockets.';
  throw new Fault('bad-request', `Unavailable console type spice-direct. ${why}`);
}

function usableUrl(world: World, site: Site, serverId: string, text: unknown): URL {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^(https?|wss?):$/.test(url.protocol)) {
    throw unusable(world, site, serverId, 'its URL is none of http, https, ws and wss');
  }
  const isNear = Object.values(site.capabilities.endpoints).some((roots) =>
    roots.some((root) => isNearHost(new URL(root))),
  );
  if (isNearHost(url) && !isNear) {
    const reason = `its host ${url.hostname} is the site's own name for itself; set a base URL in the site's nova.conf`;
    throw unusable(world, site, serverId, reason);
  }
  return url;
}

function unusable(world: World, site: Site, serverId: string, reason: string): Fault {
  world.log.warn(
    { event: 'console.unusable', site: site.name, serverId, reason },
    'the console of a site cannot be used',
  );
  return new Fault('bad-gateway', `The consoles of availability zone ${site.name} cannot be reached.`);
}
