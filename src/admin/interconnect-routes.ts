/** What `cascade interconnect` asks for: what joins the networks of several sites. */
import type { FastifyInstance } from 'fastify';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { numbersOf, type InterconnectType, type Member, type NumberRange } from '../interconnect/interconnect.js';
import { listInterconnects, showInterconnect } from '../interconnect/views.js';
import type { World } from '../routing/world.js';
import { bodyAs } from './body-as.js';
import { changeInterconnectBody, newInterconnectBody } from './interconnect-schemas.js';

interface OfInterconnect {
  Params: { name: string };
}

export function interconnectRoutes(server: FastifyInstance, { interconnects, sites }: World): void {
  const { table } = interconnects;
  const siteIdOf = (name: string): number => sites.viewByName(name).id;
  const show = async (name: string) => ({ interconnect: await showInterconnect(interconnects, sites, name) });

  const membersIn = (
    type: InterconnectType,
    given: readonly { site: string; physical_network: string | null }[],
  ): Member[] => {
    const names = given.map(({ site }) => site);
    const twice = names.find((site, at) => names.indexOf(site) !== at);
    if (twice !== undefined) throw new Fault('bad-request', `sites: ${twice} is named twice.`);
    return given.map(({ site, physical_network: physicalNetwork }) => {
      if (type === 'vlan' && physicalNetwork === null)
        throw new Fault('bad-request', `sites: the name of the physical network in site ${site} is missing.`);
      if (type !== 'vlan' && physicalNetwork !== null)
        throw new Fault('bad-request', `sites: a ${type} has no physical network, but site ${site} was given one.`);
      return { siteId: siteIdOf(site), physicalNetwork };
    });
  };
  const requireNumbers = (type: InterconnectType, ranges: readonly NumberRange[]): void => {
    const { maximum } = numbersOf[type];
    const wrong = ranges.find((range) => range.maximum > maximum);
    if (wrong)
      throw new Fault('bad-request', `ranges: ${wrong.minimum}:${wrong.maximum} is not within 1:${maximum} (${type}).`);
  };
  const requireVni = (type: InterconnectType, anyVni: boolean | undefined): void => {
    if (anyVni && type !== 'vxlan') throw new Fault('bad-request', `any_vni: a ${type} has no VNIs.`);
  };

  server.get('/interconnects', async () => ({ interconnects: await listInterconnects(interconnects, sites) }));
  server.post('/interconnects', async (request, reply) => {
    const { name, type, ranges, ...body } = await bodyAs(request, newInterconnectBody);
    if (type === 'bgpvpn') throw new Fault('bad-request', 'type: interconnects of type bgpvpn are not supported yet.');
    requireNumbers(type, ranges);
    requireVni(type, body.any_vni);
    const members = membersIn(type, body.sites);
    await table.add({ name, type, members, ranges, joinsAnyVni: body.any_vni, isDefault: body.is_default });
    return reply.code(201).send(await show(name));
  });
  server.get<OfInterconnect>('/interconnects/:name', (request) => show(request.params.name));
  server.patch<OfInterconnect>('/interconnects/:name', async (request) => {
    const { name } = request.params;
    const body = await bodyAs(request, changeInterconnectBody);
    const { type } = await table.require(name);
    requireNumbers(type, [...body.add_ranges, ...body.remove_ranges]);
    requireVni(type, body.any_vni);
    await table.change(name, {
      members: membersIn(type, body.sites),
      removedSiteIds: body.remove_sites.map(siteIdOf),
      addedRanges: body.add_ranges,
      removedRanges: body.remove_ranges,
      joinsAnyVni: body.any_vni,
      isDefault: body.is_default,
    });
    return show(name);
  });
  server.delete<OfInterconnect>('/interconnects/:name', async (request, reply) => {
    await table.remove(request.params.name);
    return reply.code(204).send();
  });
}
