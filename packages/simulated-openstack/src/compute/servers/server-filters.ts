/** Filters of `GET /servers`, on servers in memory. */
import { meetsTagFilter, tagFilters, type TagFilter } from '@cascade/openstack-protocol/filters/tag-filters.js';
import {
  changesAsked,
  databaseExpression,
  deletionAsked,
  momentExpression,
  serverFilters,
  statusesAsked,
  type ServerFilter,
} from '@cascade/openstack-protocol/compute/server-filters.js';
import { booleanWord, strictBoolean } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { isSameText } from '@cascade/openstack-protocol/filters/text-collation.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from '../cloud.js';
import { addressesOf } from './server-addresses.js';
import { powerStateOf, statusOf, type Server } from './server.js';

export type Test = (server: Server) => boolean;
type Filter = (value: string, cloud: Cloud, asked: Asked) => Test;
type Value = (server: Server) => string | number | null;

const exact =
  (value: Value): Filter =>
  (wanted) =>
  (server) => {
    const had = value(server);
    return had !== null && isSameText(String(had), wanted);
  };

const tags =
  (filter: TagFilter): Filter =>
  (value) =>
  (server) =>
    meetsTagFilter(filter, [value], server.tags);

/** A part of an address. @see openstack/nova:nova/compute/api.py _ip_filter_using_neutron */
const address =
  (version: 4 | 6): Filter =>
  (value, cloud) =>
  (server) =>
    addressesOf(cloud, server).some((one) => one.version === version && one.address.includes(value.toLowerCase()));

/** What Nova leaves to its database; what it has no value for is never found. */
const regexp =
  (value: Value): Filter =>
  (wanted) => {
    const expression = new RegExp(databaseExpression(wanted), 'i');
    return (server) => {
      const had = value(server);
      return had !== null && expression.test(String(had));
    };
  };

const moment = (value: (server: Server) => number | null): Filter => {
  const matches = regexp((server) => spelled(value(server)));
  return (wanted, cloud, asked) => matches(momentExpression(wanted), cloud, asked);
};

/** As MySQL has it. */
const spelled = (time: number | null): string | null =>
  time === null ? null : new Date(time).toISOString().slice(0, 19).replace('T', ' ');

const nobody: Value = () => null;

const filters: Readonly<Record<Exclude<ServerFilter, 'changes-since' | 'changes-before'>, Filter>> = {
  access_ip_v4: regexp((server) => server.accessIPv4),
  access_ip_v6: regexp((server) => server.accessIPv6),
  auto_disk_config: regexp((server) => Number(server.diskConfig === 'AUTO')),
  availability_zone: (value, cloud, asked) =>
    regexp(({ host }) => (host === null ? null : cloud.zone))(value, cloud, asked),
  // A column that holds 'True' or nothing.
  config_drive: (value) => (server) => server.configDrive && booleanWord(value) === true,
  created_at: moment((server) => server.createdAt),
  description: regexp((server) => server.description),
  flavor: exact((server) => server.flavorId),
  host: exact((server) => server.host),
  hostname: regexp((server) => server.hostname),
  image: exact((server) => server.imageId),
  ip: address(4),
  ip6: address(6),
  kernel_id: regexp(nobody),
  key_name: regexp((server) => server.keyName),
  launch_index: regexp((server) => server.launchIndex),
  launched_at: moment((server) => server.launchedAt),
  locked: (value) => {
    const wanted = strictBoolean(value);
    return (server) => server.locked === wanted;
  },
  locked_by: regexp(nobody),
  name: regexp((server) => server.name),
  node: regexp((server) => server.host),
  'not-tags': tags(tagFilters['not-tags']),
  'not-tags-any': tags(tagFilters['not-tags-any']),
  power_state: regexp(powerStateOf),
  progress: regexp(() => 0),
  ramdisk_id: regexp(nobody),
  reservation_id: regexp((server) => server.reservationId),
  root_device_name: regexp(() => '/dev/vda'),
  status: (_value, _cloud, asked) => {
    const wanted = statusesAsked(asked);
    return (server) => wanted.includes(statusOf(server));
  },
  tags: tags(tagFilters.tags),
  'tags-any': tags(tagFilters['tags-any']),
  task_state: exact((server) => server.taskState),
  terminated_at: moment((server) => server.deletedAt),
  user_id: exact((server) => server.userId),
  uuid: exact((server) => server.id),
  vm_state: exact((server) => server.vmState),
};

/**
 * What a server must pass to be listed.
 * @returns `since`: in milliseconds; undefined where not only changes are listed
 * @throws Fault 400, 403
 */
export function serverTests(cloud: Cloud, asked: Asked): { tests: Test[]; since: number | undefined } {
  const wanted = serverFilters(asked);
  const { since, before } = changesAsked(wanted);
  const deletion = deletionAsked(asked, wanted);
  const tests: Test[] =
    deletion === 'both' ? [] : [(server) => (server.deletedAt !== null) === (deletion === 'deleted')];
  if (before) tests.push((server) => server.updatedAt <= before.getTime());
  for (const [name, value] of wanted) {
    if (name !== 'changes-since' && name !== 'changes-before') tests.push(filters[name](value, cloud, asked));
  }
  return { tests, since: since?.getTime() };
}
