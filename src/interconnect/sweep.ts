/**
 * Segments whose network is not known: it was never made, it is gone, or whoever made it was ended before that was noted.
 * The sites tell. A number that is freed while a site has it would join two tenants' networks.
 */
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import type { Body } from '../resources/kind.js';
import type { SiteRegistry } from '../sites/registry.js';
import { ignoreSilence, type Site } from '../sites/site.js';
import { joinedBy, type Interconnect, type ProviderAttributes } from './interconnect.js';
import { isOn, ownSegments } from './own-segments.js';
import type { SegmentTable } from './segment-table.js';

export async function sweepSegments(
  segments: SegmentTable,
  interconnects: readonly Interconnect[],
  sites: SiteRegistry,
): Promise<void> {
  await segments.sweepBlocks();
  for (const segment of await segments.unused()) {
    const interconnect = interconnects.find(({ id }) => id === segment.interconnectId);
    if (!interconnect) continue;
    const { number } = segment;
    const joined = joinedBy(interconnect, number);
    const found = await Promise.all(
      interconnect.members.map(({ siteId }) =>
        networkWith(sites.byId(siteId), joined.at(siteId), (network) =>
          ownSegments(network).some((own) => own.number === number && isOn(interconnect, siteId, own)),
        ).catch(ignoreSilence),
      ),
    );
    const networkId = found.find((one) => one !== undefined && one !== null);
    if (networkId) await segments.rebind(segment, networkId);
    // What a silent site has is not known.
    else if (!found.includes(undefined)) await segments.forget(segment);
  }
}

/** The id of the network that has a segment; null where none has, undefined where the site does not tell. */
async function networkWith(
  site: Site | undefined,
  attributes: ProviderAttributes,
  has: (network: Body) => boolean,
): Promise<string | null | undefined> {
  const query = new URLSearchParams(
    Object.entries(attributes).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const response = await site?.request({
    service: 'network',
    method: 'GET',
    path: '/networks',
    query: query.toString(),
  });
  if (response?.status !== 200) return undefined;
  const { networks } = bodyOf(response) as { networks: Body[] };
  const found = networks.find(has);
  return found ? String(found['id']) : null;
}
