/** What is seen of a server from outside: its console's lines, and addresses of consoles. */
import { randomUUID } from 'node:crypto';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { bodyCheck } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import type { Cloud } from '../cloud.js';
import { requireUnlocked, serverAsked } from '../servers/asked-server.js';
import type { Server } from '../servers/server.js';
import type { Action, Actions } from './action.js';

const checkLength = bodyCheck({
  type: 'object',
  properties: { length: { type: ['integer', 'string', 'null'], pattern: '^-?[0-9]+$', minimum: -1 } },
});

const types: Record<string, readonly string[]> = {
  vnc: ['novnc', 'xvpvnc'],
  spice: ['spice-html5', 'spice-direct'],
  rdp: ['rdp-html5'],
  serial: ['serial'],
  mks: ['webmks'],
};

const checkRemote = bodyCheck({
  type: 'object',
  properties: {
    remote_console: {
      type: 'object',
      properties: {
        protocol: { type: 'string', enum: Object.keys(types) },
        type: { type: 'string', enum: Object.values(types).flat() },
      },
      required: ['protocol', 'type'],
      additionalProperties: false,
    },
  },
  required: ['remote_console'],
  additionalProperties: false,
});

/** The older way, one action a protocol. */
const older: Action = {
  despiteLock: true,
  until: '2.5',
  run: (cloud, _asked, server, given) => {
    const { type } = (given ?? {}) as { type?: string };
    return json(200, { console: { type, url: consoleUrl(cloud, server, type ?? '') } });
  },
};

export const consoleActions: Actions = {
  'os-getConsoleOutput': {
    despiteLock: true,
    run: (_cloud, _asked, server, given) => {
      checkLength(given);
      if (server.host === null) throw new Fault('conflict', `Instance ${server.id} is not ready`);
      const { length } = given as { length?: number | string | null };
      const lines = bootLog(server);
      const last = length === undefined || length === null || Number(length) === -1 ? lines.length : Number(length);
      return json(200, { output: last === 0 ? '' : lines.slice(-last).join('\n') });
    },
  },
  'os-getVNCConsole': older,
  'os-getSPICEConsole': older,
  'os-getSerialConsole': older,
};

const bootLog = ({ hostname, launchedAt }: Server): string[] => [
  '[    0.000000] Linux version 6.1.0-cloud-amd64',
  `[    0.412034] Booted at ${new Date(launchedAt ?? 0).toISOString()}`,
  '[    1.204117] cloud-init: modules done',
  '',
  `${hostname} login:`,
];

/** @throws Fault 400 for a type this cloud has no proxy for, 409 for a server that has no host */
function consoleUrl(cloud: Cloud, server: Server, type: string): string {
  if (type !== 'novnc') throw new Fault('bad-request', `Unavailable console type ${type}.`);
  if (server.host === null || server.vmState === 'building') {
    throw new Fault('conflict', `Instance ${server.id} is not ready`);
  }
  return `http://${cloud.hosts.addressOf(server.host)}:6080/vnc_auto.html?path=%3Ftoken%3D${randomUUID()}`;
}

export const remoteConsoleRoutes = (cloud: Cloud): Route[] => [
  route(
    'POST /servers/{id}/remote-consoles',
    'member',
    async (asked) => {
      const body = await asked.readJson();
      checkRemote(body);
      const server = serverAsked(cloud, asked);
      requireUnlocked(asked, server);
      const { protocol, type } = body['remote_console'] as { protocol: string; type: string };
      if (!types[protocol]?.includes(type)) {
        throw new Fault('bad-request', `Unsupported console type ${type} for protocol ${protocol}.`);
      }
      return json(200, { remote_console: { protocol, type, url: consoleUrl(cloud, server, type) } });
    },
    { since: '2.6' },
  ),
];
