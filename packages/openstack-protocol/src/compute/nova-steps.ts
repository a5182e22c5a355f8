/**
 * Nova's microversions since Mitaka. @see openstack/nova:nova/api/openstack/compute/rest_api_version_history.rst
 */
import { valuesAt } from '../body-paths.js';
import { Fault } from '../faults.js';
import {
  adds,
  both,
  fields,
  harmless,
  lifted,
  parameters,
  paths,
  refused,
  removes,
  type Lifting,
  type Step,
} from '../microversion-steps.js';
import { nothing } from '../server/unrouted.js';
import * as lifts from './nova-lifts.js';
import { pythonRepr } from './nova-schema.js';

const own = 'the cascade answers this itself';
const siteRefuses = 'the older zone refuses it in its own words';

/** A field that the newer schema no longer has. @param holder of the field: `server` */
const unexpected = (holder: string, name: string): Lifting => ({
  refusal: ({ body }) => {
    const found = valuesAt(body, `${holder}.${name}`)[0]?.holder;
    const words = `Additional properties are not allowed (${pythonRepr(name)} was unexpected)`;
    return (
      found &&
      new Fault('bad-request', `Invalid input for field/attribute ${holder}. Value: ${pythonRepr(found)}. ${words}`)
    );
  },
});

const withoutNetworks: Lifting = {
  refusal: ({ method, path, body }) => {
    const isCreate = method === 'POST' && (path === '/servers' || path === '/os-volumes_boot');
    const server = isCreate ? valuesAt(body, 'server')[0]?.value : undefined;
    if (server === undefined || valuesAt(body, 'server.networks').length > 0) return undefined;
    const words = "'networks' is a required property";
    return new Fault('bad-request', `Invalid input for field/attribute server. Value: ${pythonRepr(server)}. ${words}`);
  },
};

/** @see openstack/nova:nova/api/openstack/wsgi.py dispatch: an action without the asked version is none */
const goneActions = (...names: string[]): Lifting => ({
  refusal: ({ path, body }) =>
    path.endsWith('/action') && names.some((name) => valuesAt(body, name).length > 0)
      ? new Fault('not-found', nothing)
      : undefined,
});

const words =
  (...texts: string[]) =>
  (value: unknown): boolean =>
    texts.includes(value as string);
const server = (...names: string[]): string[] => names.map((name) => `server.${name}`);
const rebuild = (...names: string[]): string[] => names.map((name) => `rebuild.${name}`);
const blockDevice = 'server.block_device_mapping_v2[]';
const action = ['instanceAction'];
const events = ['instanceAction.events[]'];
const interfaces = ['interfaceAttachment', 'interfaceAttachments[]'];
const attachments = ['volumeAttachment', 'volumeAttachments[]'];
const ofActions = /^\/servers\/[^/]+\/os-instance-actions$/;
const ofMigrations = /^\/os-migrations$/;
const snapshot = 'the id of a snapshot is in the body of `createImage` and `createBackup`';

export const novaSteps: readonly Step[] = [
  refused('2.26', 'tags of servers: `/servers/{id}/tags`', paths('tags of servers', /^\/servers\/[^/]+\/tags/)),
  lifted('2.26', 'servers show `tags`', 'no tags', { response: lifts.serverShows(() => ({ tags: [] })) }),
  harmless('2.27', 'the header `OpenStack-API-Version`', 'the cascade sends both headers'),
  lifted('2.28', 'hypervisors show `cpu_info` as an object', own),
  refused('2.29', '`evacuate` takes `force`', fields('"force" of an evacuation', ['evacuate.force'])),
  refused('2.30', '`os-migrateLive` takes `force`', fields('"force" of a live migration', ['os-migrateLive.force'])),
  harmless('2.31', 'console tokens of all types', 'the cascade gives out links of its own'),
  refused(
    '2.32',
    'a create takes `tag` of networks and block devices',
    fields('"tag" of a device', ['server.networks[].tag', `${blockDevice}.tag`]),
  ),
  lifted('2.33', 'pages of hypervisors', own),
  harmless(
    '2.34',
    'a live migration is checked behind the response',
    'the response says no more than that it was taken',
  ),
  lifted('2.35', 'pages of key pairs', own),
  lifted('2.36', 'no more proxies of Glance, Cinder and Neutron', own),
  refused(
    '2.37',
    'a create takes `auto` and `none` as `networks`',
    fields('"networks" of auto or none', server('networks'), words('auto', 'none')),
  ),
  lifted('2.37', 'a create must have `networks`', 'the cascade refuses one without', withoutNetworks),
  lifted('2.38', 'lists of servers refuse a `status` that there is not', own),
  lifted('2.39', 'no more metadata of images, nor their limit', own),
  lifted('2.40', 'pages of usage', own),
  lifted('2.41', 'aggregates show `uuid`', own),
  harmless('2.42', '`tag` of a device again, which 2.33 and 2.37 had lost', 'the same as 2.32'),
  lifted('2.43', 'no more hosts and networks of nova-network', own),
  lifted(
    '2.44',
    'no more actions on fixed and floating IPs',
    'the cascade refuses them',
    goneActions('addFixedIp', 'removeFixedIp', 'addFloatingIp', 'removeFloatingIp'),
  ),
  lifted('2.45', snapshot, 'the cascade reads it from `Location`', { response: lifts.imageIdInBody }),
  lifted('2.46', 'the header `X-OpenStack-Request-Id`', own),
  lifted('2.47', 'servers show their flavor in place of a link', 'as the flavor is now', {
    response: lifts.flavorEmbedded,
  }),
  refused(
    '2.48',
    'diagnostics of one form for all hypervisors',
    paths('diagnostics of one form', /^\/servers\/[^/]+\/diagnostics$/),
  ),
  refused(
    '2.49',
    '`tag` of a volume or an interface that is attached',
    fields('"tag" of a device', ['volumeAttachment.tag', 'interfaceAttachment.tag']),
  ),
  lifted('2.50', 'quota classes without networks', own),
  lifted('2.51', 'tenants see the events of an action', 'none, where the zone does not tell', {
    response: adds(action, () => ({ events: [] })),
  }),
  refused(
    '2.51',
    'the event `volume-extended`',
    fields('the event volume-extended', ['events[].name'], words('volume-extended')),
  ),
  refused('2.52', 'a create takes `tags`', fields('"tags"', server('tags'))),
  lifted('2.53', 'services and hypervisors by UUID', own),
  refused('2.54', 'a rebuild takes `key_name`', fields('"key_name" of a rebuild', rebuild('key_name'))),
  lifted('2.54', 'a rebuild shows `key_name`', 'the cascade reads it', { response: lifts.rebuildShowsKey }),
  lifted('2.55', 'flavors have a `description`', own),
  refused(
    '2.56',
    '`migrate` takes `host`',
    fields('"host" of a migration', ['migrate.host'], (host) => host !== null),
  ),
  refused('2.57', 'a rebuild takes `user_data`', fields('"user_data" of a rebuild', rebuild('user_data'))),
  lifted('2.57', 'a rebuild shows `user_data`', 'none', { response: lifts.rebuildShowsUserData }),
  lifted('2.57', 'a create takes no `personality`', 'the cascade refuses it', unexpected('server', 'personality')),
  lifted('2.57', 'a rebuild takes no `personality`', 'the cascade refuses it', unexpected('rebuild', 'personality')),
  refused('2.58', 'pages of actions, and `changes-since`', parameters(ofActions, 'limit', 'marker', 'changes-since')),
  lifted('2.58', 'actions show `updated_at`', 'when it began', {
    response: adds(['instanceAction', 'instanceActions[]'], ({ start_time }) => ({ updated_at: start_time })),
  }),
  refused(
    '2.59',
    'pages of migrations, and `changes-since`',
    parameters(ofMigrations, 'limit', 'marker', 'changes-since'),
  ),
  lifted('2.59', 'migrations show `uuid`', 'a UUID of the cascade’s', { response: lifts.migrationsHaveUuids }),
  harmless('2.60', 'a volume is attached to several servers', siteRefuses),
  lifted('2.61', 'flavors show `extra_specs`', own),
  lifted('2.62', 'events of an action show `hostId`', 'empty', { response: adds(events, () => ({ hostId: '' })) }),
  refused(
    '2.63',
    'a create and a rebuild take `trusted_image_certificates`',
    fields('"trusted_image_certificates"', [
      ...server('trusted_image_certificates'),
      ...rebuild('trusted_image_certificates'),
    ]),
  ),
  lifted('2.63', 'servers show `trusted_image_certificates`', 'none', {
    response: lifts.serverShows(() => ({ trusted_image_certificates: null })),
  }),
  lifted('2.64', 'server groups have one `policy`, and `rules`', `${own}; a server of a group with rules is refused`),
  harmless('2.65', 'a live migration that waits is aborted', siteRefuses),
  refused(
    '2.66',
    'actions and migrations up to `changes-before`',
    parameters(ofActions, 'changes-before'),
    parameters(ofMigrations, 'changes-before'),
  ),
  refused(
    '2.67',
    '`volume_type` of a block device',
    fields('"volume_type" of a block device', [`${blockDevice}.volume_type`]),
  ),
  lifted('2.68', '`evacuate` takes no `force`', 'the cascade refuses it', unexpected('evacuate', 'force')),
  lifted('2.68', '`os-migrateLive` takes no `force`', 'the cascade refuses it', unexpected('os-migrateLive', 'force')),
  lifted('2.69', 'what cells that are down do not tell is left out', own),
  lifted('2.70', 'attached volumes and interfaces show `tag`', 'none', {
    response: both(
      adds(interfaces, () => ({ tag: null })),
      adds(attachments, () => ({ tag: null })),
    ),
  }),
  lifted('2.71', 'a server shows `server_groups`', 'none', {
    response: lifts.serverShows(() => ({ server_groups: [] })),
  }),
  harmless('2.72', 'ports with a minimum bandwidth', siteRefuses),
  refused('2.73', '`lock` takes `locked_reason`', fields('"locked_reason"', ['lock.locked_reason'])),
  lifted('2.73', 'servers show `locked_reason`', 'none', {
    response: lifts.serverShows(() => ({ locked_reason: null })),
  }),
  lifted('2.74', 'a create takes `host` and `hypervisor_hostname`', own),
  lifted('2.75', 'an update and a rebuild show the whole server', 'the cascade reads the rest', {
    response: lifts.wholeServer,
  }),
  lifted('2.75', 'lists refuse parameters that there are not', own),
  refused(
    '2.76',
    'the event `power-update`',
    fields('the event power-update', ['events[].name'], words('power-update')),
  ),
  lifted('2.77', '`unshelve` into a zone', own),
  refused('2.78', 'the NUMA topology of a server', paths('the topology of servers', /^\/servers\/[^/]+\/topology$/)),
  refused(
    '2.79',
    '`delete_on_termination` of a volume that is attached',
    fields('"delete_on_termination" of an attachment', ['volumeAttachment.delete_on_termination']),
  ),
  lifted('2.79', 'attached volumes show `delete_on_termination`', 'as the server tells', {
    response: lifts.attachmentsTellDeletion,
  }),
  refused('2.80', 'migrations of a user or a project', parameters(ofMigrations, 'user_id', 'project_id')),
  lifted('2.80', 'migrations show `user_id` and `project_id`', 'those of the server', {
    response: lifts.migrationsHaveOwners,
  }),
  refused(
    '2.81',
    'images for the caches of an aggregate’s hosts',
    paths('images in the caches of hosts', /^\/os-aggregates\/[^/]+\/images$/),
  ),
  refused(
    '2.82',
    'the event `accelerator-request-bound`',
    fields('the event accelerator-request-bound', ['events[].name'], words('accelerator-request-bound')),
  ),
  lifted('2.83', 'tenants filter servers by more', own),
  lifted('2.84', 'events of an action show `details`', 'none', { response: adds(events, () => ({ details: null })) }),
  refused('2.85', '`delete_on_termination` of a volume is changed', {
    ...fields('another "delete_on_termination"', ['volumeAttachment.delete_on_termination']),
    isIn: ({ method, body }) => method === 'PUT' && valuesAt(body, 'volumeAttachment.delete_on_termination').length > 0,
  }),
  harmless('2.86', 'extra specs are validated', 'the newest zone that answers validates them for all'),
  harmless('2.87', 'servers that boot from a volume are rescued', siteRefuses),
  lifted('2.88', 'hypervisors show no more of their resources', own),
  lifted(
    '2.89',
    'attached volumes show `attachment_id` and `bdm_uuid`, no `id`',
    'Cinder’s id, and a UUID of the cascade’s',
    { response: lifts.attachmentsHaveIds },
  ),
  refused('2.90', '`hostname` of a server', fields('"hostname"', [...server('hostname'), ...rebuild('hostname')])),
  lifted('2.90', 'tenants see `OS-EXT-SRV-ATTR:hostname`', 'the name of the server', {
    response: lifts.serverShows(({ name }) => ({ 'OS-EXT-SRV-ATTR:hostname': name })),
  }),
  lifted('2.91', '`unshelve` onto a host', own),
  refused(
    '2.91',
    '`unshelve` takes the zone `null`',
    fields('"availability_zone" null of an unshelve', ['unshelve.availability_zone'], (zone) => zone === null),
  ),
  lifted(
    '2.92',
    'key pairs are imported, not generated, and have more names',
    `${own}; a zone that does not take the name is refused by name`,
  ),
  refused(
    '2.93',
    'the event `volume-reimaged`',
    fields('the event volume-reimaged', ['events[].name'], words('volume-reimaged')),
  ),
  harmless('2.93', 'a rebuild of a server that boots from a volume', siteRefuses),
  refused(
    '2.94',
    '`hostname` may have a domain',
    fields(
      '"hostname" with a domain',
      [...server('hostname'), ...rebuild('hostname')],
      (name) => typeof name === 'string' && name.includes('.'),
    ),
  ),
  refused(
    '2.95',
    'an evacuated server is stopped',
    fields('an evacuation after which the server is stopped', ['evacuate']),
  ),
  lifted('2.96', 'servers show `pinned_availability_zone`', 'their zone, which they never leave', {
    response: lifts.serverShows((_server, { zone }) => ({ pinned_availability_zone: zone })),
  }),
  refused('2.97', 'shares of Manila: `/servers/{id}/shares`', paths('shares of servers', /^\/servers\/[^/]+\/shares/)),
  lifted('2.98', 'the image of a server shows `properties`', 'none', { response: lifts.imageShowsProperties }),
  refused(
    '2.99',
    'consoles of type `spice-direct`',
    fields('a console of type spice-direct', ['remote_console.type'], words('spice-direct')),
  ),
  lifted('2.100', 'servers show `scheduler_hints`', 'none', {
    response: lifts.serverShows(() => ({ scheduler_hints: {} })),
  }),
  lifted('2.101', 'a volume is attached behind the response, which is empty', 'the cascade leaves the body out', {
    response: lifts.attachedLater,
  }),
  lifted('2.102', 'flavors show no `rxtx_factor` and `OS-FLV-DISABLED:disabled`', own, {
    response: removes(['flavor'], 'rxtx_factor', 'OS-FLV-DISABLED:disabled'),
  }),
  lifted(
    '2.102',
    'a flavor is made without `rxtx_factor`',
    'the cascade refuses it',
    unexpected('flavor', 'rxtx_factor'),
  ),
  lifted('2.102', 'flavors are filtered by `name`', own),
  lifted('2.102', 'parameters that there are not are refused everywhere', own),
  lifted('2.103', 'no more `/os-volumes_boot`', own),
  lifted('2.104', 'an update takes `pinned_availability_zone`', own),
];
