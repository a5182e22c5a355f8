/** Transfers of volumes to another project. */
import { tryJson } from '@cascade/openstack-protocol/server/body.js';
import { isOk } from '@cascade/openstack-protocol/message.js';
import { type Answer, route, type Route } from '@cascade/openstack-protocol/server/route.js';
import { linkBodyBack } from '../resources/linking.js';
import type { Body } from '../resources/kind.js';
import { sendAdmitted } from '../routing/admission.js';
import { callSite } from '../routing/site-call.js';
import { askAsAdmin } from '../routing/ask-as-admin.js';
import { kindNamed, type World } from '../routing/world.js';
import type { Site } from '../sites/site.js';
import { create } from './create.js';
import { reads, remove } from './lists/on-demand.js';
import { transferReferences } from './references.js';

export function transferRoutes(world: World): Route[] {
  const make = create(world, 'volume_transfer', transferReferences);
  const accept = acceptTransfer(world);
  const take = remove(world, 'volume_transfer', 'transfer_id');
  return [['/os-volume-transfer', {}] as const, ['/volume-transfers', { since: '3.55' }] as const].flatMap(
    ([path, range]) => [
      ...reads(world, 'volume_transfer', 'Transfer', path, 'transfer_id', range),
      route(`POST ${path}`, 'member', make, range),
      route(`POST ${path}/{transfer_id}/accept`, 'member', accept, range),
      route(`DELETE ${path}/{transfer_id}`, 'member', take, range),
    ],
  );
}

interface Found {
  readonly site: Site;
  readonly volumeId: string;
}

/** `POST /os-volume-transfer/{id}/accept`: whoever accepts it may not see the transfer before. */
function acceptTransfer(world: World): Answer {
  return async (asked) => {
    const id = asked.params['transfer_id'] ?? '';
    const found = await findTransfer(world, id);
    const site = found?.site ?? (await world.placement.homeSite(asked.caller.projectId, 'volume'));
    const before = found && (await world.inventory.find('volume', found.volumeId, site.id));
    const raw = await asked.readBody();
    // What is accepted counts as the accepting project's from then on.
    const taking = { asked, site, kind: 'volume_transfer', id, projectId: asked.caller.projectId, body: tryJson(raw) };
    const response = await sendAdmitted(world, taking, () => callSite(asked, site, { body: raw }));
    if (isOk(response) && found) {
      await readAgain(world, found);
      await world.inventory.forget('volume_transfer', site, [id], new Date());
    }
    // Its snapshots may have changed hands too.
    await world.freshness.touch(site, asked.service.name, [asked.caller.projectId, before?.project_id]);
    return response;
  };
}

/** Asked in each site's own name: Cinder shows a transfer to its giver alone. */
async function findTransfer(world: World, id: string): Promise<Found | undefined> {
  const row = await world.inventory.find('volume_transfer', id);
  const held = row && world.sites.byId(row.site_id);
  const sites = held ? [held] : world.sites.answering('volume').filter((site) => site.capabilities.endpoints.volume);
  const answers = sites.map(async (site): Promise<Found[]> => {
    const { body } = await askAsAdmin(site, 'volume', 'GET', `/os-volume-transfer/${encodeURIComponent(id)}`);
    const volumeId = (body['transfer'] as Body | undefined)?.['volume_id'];
    return typeof volumeId === 'string' ? [{ site, volumeId }] : [];
  });
  const found = await Promise.all(answers.map((answer) => answer.catch((): Found[] => [])));
  return found.flat()[0];
}

/** The volume is another project's now: the next list must know. */
async function readAgain(world: World, { site, volumeId }: Found): Promise<void> {
  const askedAt = new Date();
  const answer = await askAsAdmin(site, 'volume', 'GET', `/volumes/${volumeId}`, { microversion: '3.70' }).catch(
    () => undefined,
  );
  const volume = answer?.body['volume'] as Body | undefined;
  if (volume) await world.inventory.store(kindNamed(world, 'volume'), site, [linkBodyBack(volume, site)], askedAt);
}
