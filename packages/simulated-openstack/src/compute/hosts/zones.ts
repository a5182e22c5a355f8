/** The one availability zone this cloud is. @see openstack/nova:nova/api/openstack/compute/availability_zone.py */
import { json } from '@cascade/openstack-protocol/message.js';
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import { isoMicros } from '../../clock.js';
import type { Cloud } from '../cloud.js';
import { controllerServices } from './services.js';

const zone = (zoneName: string, hosts: unknown) => ({ zoneName, zoneState: { available: true }, hosts });

export const zoneRoutes = (cloud: Cloud): Route[] => [
  route('GET /os-availability-zone', 'reader', async () =>
    json(200, { availabilityZoneInfo: [zone(cloud.zone, null)] }),
  ),
  route('GET /os-availability-zone/detail', 'admin', async () => {
    const service = (active: boolean) => ({ available: active, active, updated_at: isoMicros(cloud.clock.now()) });
    const controller = Object.fromEntries(controllerServices.map((binary) => [binary, service(true)]));
    const hosts = cloud.hosts.names.map((name) => [name, { 'nova-compute': service(cloud.hosts.isUp(name)) }]);
    const internal = zone('internal', { [cloud.controller]: controller });
    return json(200, { availabilityZoneInfo: [internal, zone(cloud.zone, Object.fromEntries(hosts))] });
  }),
];
