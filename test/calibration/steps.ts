/** What is asked: what a parent asks of a site, and the life of one server. */
import type { Step } from './conversation.js';

const latest = 'latest';
const nova = (what: string, call: string, more: Partial<Step> = {}): Step => ({
  what,
  service: 'compute',
  call: call.replace(' /', ' /v2.1/'),
  microversion: latest,
  ...more,
});
const neutron = (what: string, call: string, more: Partial<Step> = {}): Step => ({
  what,
  service: 'network',
  call: call.replace(' /', ' /v2.0/'),
  ...more,
});
const cinder = (what: string, call: string, more: Partial<Step> = {}): Step => ({
  what,
  service: 'volume',
  call: call.replace(' /', ' /v3/{project}/'),
  microversion: latest,
  ...more,
});
const glance = (what: string, call: string, more: Partial<Step> = {}): Step => ({
  what,
  service: 'image',
  call: call.replace(' /', ' /v2/'),
  ...more,
});
const act = (what: string, body: object, more: Partial<Step> = {}): Step =>
  nova(what, 'POST /servers/{server}/action', { body, ...more });
const isIn = (status: string): Partial<Step> => ({ until: { 'server.status': status } });

const publicKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl calibration';

const looks: readonly Step[] = [
  nova('the versions of Nova', 'GET /', { call: 'GET /', microversion: '' }),
  nova('the version document', 'GET /', { microversion: '' }),
  nova('a microversion that is too new', 'GET /servers', { microversion: '2.999' }),
  nova('a microversion that is none', 'GET /servers', { microversion: 'two' }),
  nova('what it can', 'GET /extensions', { microversion: '2.1' }),
  nova('zones', 'GET /os-availability-zone'),
  nova('zones with hosts', 'GET /os-availability-zone/detail'),
  nova('room', 'GET /os-hypervisors/statistics', { microversion: '2.87' }),
  nova('room after it is gone', 'GET /os-hypervisors/statistics', { microversion: '2.88' }),
  nova('hypervisors', 'GET /os-hypervisors/detail'),
  nova('hypervisors as they were', 'GET /os-hypervisors/detail', { microversion: '2.1' }),
  nova('daemons', 'GET /os-services'),
  nova('limits', 'GET /limits'),
  nova('quotas', 'GET /os-quota-sets/{project}'),
  nova('quotas with use', 'GET /os-quota-sets/{project}/detail'),
  nova('quotas of all', 'GET /os-quota-class-sets/default'),
  nova('a server that is not there', 'GET /servers/00000000-0000-4000-8000-000000000000'),
  nova('a path that is not there', 'GET /nothing'),
  nova('a sort key that is none', 'GET /servers?sort_key=colour'),
  nova('a marker that is none', 'GET /servers?marker=00000000-0000-4000-8000-000000000000'),
  nova('a body that is none', 'POST /servers', { body: {} }),
];

const prepare: readonly Step[] = [
  nova('a flavor', 'POST /flavors', {
    body: { flavor: { name: 'calibration', ram: 64, vcpus: 1, disk: 1 } },
    keep: { flavor: 'flavor.id' },
  }),
  nova('a second flavor', 'POST /flavors', {
    body: { flavor: { name: 'calibration 2', ram: 128, vcpus: 1, disk: 1 } },
    keep: { bigger: 'flavor.id' },
  }),
  nova('the flavor', 'GET /flavors/{flavor}'),
  nova('the flavor as it was', 'GET /flavors/{flavor}', { microversion: '2.1' }),
  nova('flavors', 'GET /flavors/detail?is_public=none'),
  nova('a key', 'POST /os-keypairs', {
    body: { keypair: { name: 'calibration', type: 'ssh', public_key: publicKey } },
  }),
  nova('the key again', 'POST /os-keypairs', {
    body: { keypair: { name: 'calibration', type: 'ssh', public_key: publicKey } },
  }),
  nova('the key', 'GET /os-keypairs/calibration'),
  nova('keys', 'GET /os-keypairs'),
  nova('a group', 'POST /os-server-groups', {
    body: { server_group: { name: 'calibration', policy: 'soft-anti-affinity' } },
    keep: { group: 'server_group.id' },
  }),
  neutron('a network', 'POST /networks', {
    body: { network: { name: 'calibration' } },
    keep: { network: 'network.id' },
  }),
  neutron('a subnet', 'POST /subnets', {
    body: { subnet: { network_id: '{network}', ip_version: 4, cidr: '10.61.0.0/24' } },
    keep: { subnet: 'subnet.id' },
  }),
  neutron('the network', 'GET /networks/{network}'),
  neutron('an extension list', 'GET /extensions/port-security'),
  neutron('groups', 'GET /security-groups?project_id={project}'),
  glance('images', 'GET /images?limit=1', { keep: { image: 'images.0.id' } }),
  glance('an image that is not there', 'GET /images/00000000-0000-4000-8000-000000000000'),
];

const life: readonly Step[] = [
  nova('a server', 'POST /servers', {
    body: {
      server: {
        name: 'calibration',
        flavorRef: '{flavor}',
        imageRef: '{image}',
        networks: [{ uuid: '{network}' }],
        key_name: 'calibration',
        tags: ['one'],
      },
      'os:scheduler_hints': { group: '{group}' },
    },
    keep: { server: 'server.id' },
  }),
  nova('the server when it runs', 'GET /servers/{server}', isIn('ACTIVE')),
  nova('the server as it was', 'GET /servers/{server}', { microversion: '2.1' }),
  nova('the server before flavors moved in', 'GET /servers/{server}', { microversion: '2.46' }),
  nova('servers', 'GET /servers/detail?name=^calibration$'),
  nova('servers, one a page', 'GET /servers?name=^calibration$&limit=1'),
  nova('servers that changed', 'GET /servers/detail?changes-since=2026-01-01T00:00:00Z&name=^calibration$'),
  nova('addresses', 'GET /servers/{server}/ips'),
  nova('interfaces', 'GET /servers/{server}/os-interface'),
  nova('groups of the server', 'GET /servers/{server}/os-security-groups'),
  nova('what was done', 'GET /servers/{server}/os-instance-actions'),
  nova('metadata', 'POST /servers/{server}/metadata', { body: { metadata: { a: 'b' } } }),
  nova('a tag', 'PUT /servers/{server}/tags/two'),
  nova('another name', 'PUT /servers/{server}', { body: { server: { name: 'calibration', description: 'words' } } }),
  neutron('its port', 'GET /ports?device_id={server}'),
  act('a start of what runs', { 'os-start': null }),
  act('an action that is none', { dance: null }),
  act('a stop', { 'os-stop': null }),
  nova('the server when it stands still', 'GET /servers/{server}', isIn('SHUTOFF')),
  act('a pause of what stands still', { pause: null }),
  act('a start', { 'os-start': null }),
  nova('the server when it runs again', 'GET /servers/{server}', isIn('ACTIVE')),
  act('a resize', { resize: { flavorRef: '{bigger}' } }),
  nova('the server when it is resized', 'GET /servers/{server}', isIn('VERIFY_RESIZE')),
  act('a stop before it is confirmed', { 'os-stop': null }),
  act('a confirmation', { confirmResize: null }),
  nova('the server when it is confirmed', 'GET /servers/{server}', isIn('ACTIVE')),
  act('a lock', { lock: { locked_reason: 'calibration' } }),
  act('an unlock', { unlock: null }),
  act('a console', { 'os-getConsoleOutput': { length: 5 } }),
  nova('migrations', 'GET /os-migrations?instance_uuid={server}'),
  cinder('a volume', 'POST /volumes', {
    body: { volume: { name: 'calibration', size: 1 } },
    keep: { volume: 'volume.id' },
  }),
  cinder('the volume when it is there', 'GET /volumes/{volume}', { until: { 'volume.status': 'available' } }),
  cinder('the volume extended by nothing', 'POST /volumes/{volume}/action', { body: { 'os-extend': { new_size: 1 } } }),
  nova('an attachment', 'POST /servers/{server}/os-volume_attachments', {
    body: { volumeAttachment: { volumeId: '{volume}' } },
  }),
  cinder('the volume when it is in use', 'GET /volumes/{volume}', { until: { 'volume.status': 'in-use' } }),
  nova('attachments', 'GET /servers/{server}/os-volume_attachments'),
  cinder('a removal of what is in use', 'DELETE /volumes/{volume}'),
  nova('a detachment', 'DELETE /servers/{server}/os-volume_attachments/{volume}'),
  cinder('the volume when it is free', 'GET /volumes/{volume}', { until: { 'volume.status': 'available' } }),
];

const end: readonly Step[] = [
  nova('a deletion', 'DELETE /servers/{server}'),
  nova('the server when it is gone', 'GET /servers/{server}', { until: 404 }),
  nova(
    'the deleted among those that changed',
    'GET /servers/detail?changes-since=2026-01-01T00:00:00Z&deleted=true&name=^calibration$',
  ),
  cinder('a removal', 'DELETE /volumes/{volume}'),
  cinder('the volume when it is gone', 'GET /volumes/{volume}', { until: 404 }),
  neutron('the subnet away', 'DELETE /subnets/{subnet}'),
  neutron('the network away', 'DELETE /networks/{network}'),
  nova('the group away', 'DELETE /os-server-groups/{group}'),
  nova('the key away', 'DELETE /os-keypairs/calibration'),
  nova('the flavor away', 'DELETE /flavors/{flavor}'),
  nova('the second flavor away', 'DELETE /flavors/{bigger}'),
  nova('the flavor that is gone', 'GET /flavors/{flavor}'),
];

export const steps: readonly Step[] = [...looks, ...prepare, ...life, ...end];
