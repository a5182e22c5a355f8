import { beforeEach, expect, test } from 'vitest';
import { behindDoor, eventually, factsOf, type Ask } from '../../testing.js';
import { Networks } from '../networks.js';
import { networkRoutes } from '../routes.js';

let ask: Ask;
let externalId: string;
let subnetId: string;
let networkId: string;

const make = async (path: string, key: string, body: unknown) => {
  const answer = await ask('demo', `POST /v2.0/${path}`, { body: { [key]: body } });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body[key];
};
const put = (path: string, body: unknown) => ask('demo', `PUT /v2.0/${path}`, { body });

beforeEach(async () => {
  ask = behindDoor('network', networkRoutes({ networks: new Networks(factsOf()) }));
  externalId = (await ask('demo', 'GET /v2.0/networks?router:external=True')).body.networks[0].id;
  networkId = (await make('networks', 'network', { name: 'n' })).id;
  subnetId = (await make('subnets', 'subnet', { network_id: networkId, cidr: '10.1.0.0/24', ip_version: 4 })).id;
});

const routed = async () => {
  const router = await make('routers', 'router', { name: 'r', external_gateway_info: { network_id: externalId } });
  await put(`routers/${router.id}/add_router_interface`, { subnet_id: subnetId });
  return router;
};

test('a gateway takes an address of the external network, on a port that only administrators see', async () => {
  const router = await routed();
  expect(router.external_gateway_info).toMatchObject({
    network_id: externalId,
    enable_snat: true,
    external_fixed_ips: [{ ip_address: '198.18.0.2' }],
  });
  const owner = 'device_owner=network:router_gateway';
  expect((await ask('demo', `GET /v2.0/ports?${owner}`)).body.ports).toEqual([]);
  expect((await ask('admin', `GET /v2.0/ports?${owner}`)).body.ports).toMatchObject([
    { project_id: '', device_id: router.id },
  ]);
});

test('an interface takes the gateway’s address of its subnet, and keeps router and port', async () => {
  const router = await make('routers', 'router', { name: 'r' });
  const { body, status } = await put(`routers/${router.id}/add_router_interface`, { subnet_id: subnetId });
  expect([status, body]).toEqual([
    200,
    {
      id: router.id,
      tenant_id: 'p-demo',
      port_id: expect.any(String),
      network_id: networkId,
      subnet_id: subnetId,
      subnet_ids: [subnetId],
    },
  ]);
  await eventually(async () => (await ask('demo', `GET /v2.0/ports/${body.port_id}`)).body.port.status === 'ACTIVE');
  expect((await ask('demo', `DELETE /v2.0/routers/${router.id}`)).body.NeutronError).toMatchObject({
    type: 'RouterInUse',
  });
  expect((await ask('demo', `DELETE /v2.0/ports/${body.port_id}`)).body.NeutronError).toMatchObject({
    type: 'ServicePortInUse',
  });
  const again = await put(`routers/${router.id}/add_router_interface`, { subnet_id: subnetId });
  expect([again.status, again.body.NeutronError.message]).toEqual([
    400,
    `Bad router request: Router already has a port on subnet ${subnetId}.`,
  ]);
  expect((await put(`routers/${router.id}/remove_router_interface`, { subnet_id: subnetId })).status).toBe(200);
  expect((await put(`routers/${router.id}/remove_router_interface`, { subnet_id: subnetId })).status).toBe(404);
  expect((await ask('demo', `DELETE /v2.0/routers/${router.id}`)).status).toBe(204);
});

test('a floating IP leads to a port behind a router of its network, once', async () => {
  const router = await routed();
  const port = await make('ports', 'port', { network_id: networkId });
  const floating = await make('floatingips', 'floatingip', { floating_network_id: externalId, port_id: port.id });
  expect(floating).toMatchObject({
    status: 'ACTIVE',
    router_id: router.id,
    fixed_ip_address: port.fixed_ips[0].ip_address,
    port_details: { mac_address: port.mac_address },
  });
  const other = await make('floatingips', 'floatingip', { floating_network_id: externalId });
  expect(other).toMatchObject({ status: 'DOWN', port_id: null });
  const taken = await put(`floatingips/${other.id}`, { floatingip: { port_id: port.id } });
  expect([taken.status, taken.body.NeutronError.type]).toEqual([409, 'FloatingIPPortAlreadyAssigned']);
  const used = await put(`routers/${router.id}/remove_router_interface`, { subnet_id: subnetId });
  expect([used.status, used.body.NeutronError.type]).toEqual([409, 'RouterInterfaceInUseByFloatingIP']);
  await ask('demo', `DELETE /v2.0/ports/${port.id}`);
  expect((await ask('demo', `GET /v2.0/floatingips/${floating.id}`)).body.floatingip).toMatchObject({
    port_id: null,
    status: 'DOWN',
  });
});

test('a port that no router joins with the external network has no floating IP', async () => {
  const port = await make('ports', 'port', { network_id: networkId });
  const body = { floatingip: { floating_network_id: externalId, port_id: port.id } };
  const answer = await ask('demo', 'POST /v2.0/floatingips', { body });
  expect([answer.status, answer.body.NeutronError.type]).toEqual([404, 'ExternalGatewayForFloatingIPNotFound']);
  const all = await ask('admin', 'GET /v2.0/ports?device_owner=network:floatingip');
  expect(all.body.ports, 'its address is given back').toEqual([]);
});

test('a floating IP needs an external network', async () => {
  const answer = await ask('demo', 'POST /v2.0/floatingips', {
    body: { floatingip: { floating_network_id: networkId } },
  });
  expect([answer.status, answer.body.NeutronError.message]).toEqual([
    400,
    `Bad floatingip request: Network ${networkId} is not a valid external network.`,
  ]);
});

test('routes lead through addresses the router reaches', async () => {
  const router = await routed();
  const route = (nexthop: string) => ({ router: { routes: [{ destination: '10.9.0.0/16', nexthop }] } });
  expect((await put(`routers/${router.id}`, route('10.1.0.7'))).body.router.routes).toHaveLength(1);
  expect((await put(`routers/${router.id}`, route('10.7.0.7'))).body.NeutronError.type).toBe('InvalidRoutes');
  await put(`routers/${router.id}/remove_extraroutes`, route('10.1.0.7'));
  expect((await ask('demo', `GET /v2.0/routers/${router.id}`)).body.router.routes).toEqual([]);
});

test('a subnet pool cuts subnets that do not overlap', async () => {
  const pool = await make('subnetpools', 'subnetpool', {
    name: 'p',
    prefixes: ['10.8.0.0/22'],
    default_prefixlen: 24,
    min_prefixlen: 24,
  });
  const cidrs = [];
  for (let n = 0; n < 4; n += 1) {
    cidrs.push(
      (await make('subnets', 'subnet', { network_id: networkId, ip_version: 4, subnetpool_id: pool.id })).cidr,
    );
  }
  expect(cidrs).toEqual(['10.8.0.0/24', '10.8.1.0/24', '10.8.2.0/24', '10.8.3.0/24']);
  const full = await ask('demo', 'POST /v2.0/subnets', {
    body: { subnet: { network_id: networkId, ip_version: 4, subnetpool_id: pool.id } },
  });
  expect([full.status, full.body.NeutronError.type]).toEqual([409, 'SubnetAllocationError']);
  expect((await ask('demo', `DELETE /v2.0/subnetpools/${pool.id}`)).body.NeutronError.type).toBe(
    'SubnetPoolDeleteError',
  );
});

test('a trunk holds its ports', async () => {
  const [parent, child] = [
    await make('ports', 'port', { network_id: networkId }),
    await make('ports', 'port', { network_id: networkId }),
  ];
  const sub = { port_id: child.id, segmentation_type: 'vlan', segmentation_id: 7 };
  const trunk = await make('trunks', 'trunk', { port_id: parent.id, sub_ports: [sub] });
  expect((await ask('demo', `GET /v2.0/trunks/${trunk.id}/get_subports`)).body).toEqual({ sub_ports: [sub] });
  expect((await ask('demo', `DELETE /v2.0/ports/${parent.id}`)).status).toBe(409);
  await put(`trunks/${trunk.id}/remove_subports`, { sub_ports: [{ port_id: child.id }] });
  expect((await ask('demo', `DELETE /v2.0/trunks/${trunk.id}`)).status).toBe(204);
});
