/** Events that other services tell Nova: each goes to the site of its server. */
import { externalEvents, type ExternalEvent } from '@cascade/openstack-protocol/compute/external-events.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { formatMicroversion } from '@cascade/openstack-protocol/microversion.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Body } from '../resources/kind.js';
import { fitToSite } from '../routing/older-site.js';
import { ownerOf } from '../routing/owner.js';
import { askAsAdmin, faultWords } from '../routing/ask-as-admin.js';
import { kindNamed, type World } from '../routing/world.js';
import { SiteUnreachable, type Site } from '../sites/site.js';

export const externalEventRoutes = (world: World): Route[] => [
  route('POST /os-server-external-events', 'service', deliver(world)),
];

function deliver(world: World): Answer {
  return async (asked) => {
    // All of them are checked before any is sent.
    const events = externalEvents(await asked.readJson(), asked.microversion);
    const sites = await Promise.all(events.map((event) => siteOf(world, asked, event.server_uuid)));
    const answers = new Array<Body>(events.length);
    const failed = (at: number, code: number) => (answers[at] = { ...events[at], status: 'failed', code });
    sites.forEach((site, at) => !site && failed(at, 404));
    await Promise.all(
      [...new Set(sites)].map(async (site) => {
        if (!site) return;
        const its = sites.flatMap((one, at) => (one === site ? [at] : []));
        const told = await tell(
          asked,
          site,
          its.map((at) => events[at]!),
        );
        its.forEach((at, index) => (told ? (answers[at] = told[index]!) : failed(at, 503)));
      }),
    );
    return json(answers.every((answer) => answer['code'] === 200) ? 200 : 207, { events: answers });
  };
}

const siteOf = async (world: World, asked: Asked, id: string): Promise<Site | undefined> =>
  (await ownerOf(world, asked, kindNamed(world, 'server'), id))?.site;

/** In the site's own administrator's name: services of the cascade are no services of the site. Undefined if it is silent. */
async function tell(asked: Asked, site: Site, events: readonly ExternalEvent[]): Promise<Body[] | undefined> {
  fitToSite(asked, site, { body: Buffer.from(JSON.stringify({ events })) });
  const microversion = asked.microversion && formatMicroversion(asked.microversion);
  try {
    const { status, body } = await askAsAdmin(site, 'compute', 'POST', '/os-server-external-events', {
      body: { events },
      ...(microversion ? { microversion } : {}),
    });
    if (status < 300) return body['events'] as Body[];
    throw new Fault(status === 400 ? 'bad-request' : 'bad-gateway', faultWords(body));
  } catch (error) {
    if (error instanceof SiteUnreachable) return undefined;
    throw error;
  }
}
