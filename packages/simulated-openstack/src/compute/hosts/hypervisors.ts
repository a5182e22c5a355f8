/** Hosts as hypervisors. @see openstack/nova:nova/api/openstack/compute/hypervisors.py */
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { route, type Answer, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { pageOf } from '@cascade/openstack-adapter/paging.js';
import type { Cloud } from '../cloud.js';
import { noiseUuid, numberOf } from '../../noise.js';
import { hypervisorBody, sumOver, type Hypervisor } from './hypervisor-body.js';

const hypervisors = (cloud: Cloud): Hypervisor[] =>
  cloud.hosts.names.map((host, at) => ({ number: at + 1, id: noiseUuid(cloud.seed, numberOf(host)), host }));

export function hypervisorRoutes(cloud: Cloud): Route[] {
  const until = { until: '2.52' } as const;
  return [
    route('GET /os-hypervisors', 'admin', list(cloud, false)),
    route('GET /os-hypervisors/detail', 'admin', list(cloud, true)),
    route('GET /os-hypervisors/statistics', 'admin', async () => json(200, { hypervisor_statistics: sumOver(cloud) }), {
      until: '2.87',
    }),
    route('GET /os-hypervisors/{id}', 'admin', async (asked) => {
      const servers =
        atLeast(asked.microversion, '2.53') && booleanWord(asked.query.get('with_servers') ?? '') === true;
      return json(200, { hypervisor: hypervisorBody(cloud, asked, one(cloud, asked), { detailed: true, servers }) });
    }),
    route(
      'GET /os-hypervisors/{id}/uptime',
      'admin',
      async (asked) => {
        one(cloud, asked);
        throw new Fault('not-implemented', 'Virt driver does not implement uptime function.');
      },
      { until: '2.87' },
    ),
    route('GET /os-hypervisors/{id}/search', 'admin', search(cloud, false), until),
    route('GET /os-hypervisors/{id}/servers', 'admin', search(cloud, true), until),
  ];
}

function list(cloud: Cloud, detailed: boolean): Answer {
  return async (asked) => {
    const servers = atLeast(asked.microversion, '2.53') && booleanWord(asked.query.get('with_servers') ?? '') === true;
    const pattern = atLeast(asked.microversion, '2.53') ? asked.query.get('hypervisor_hostname_pattern') : null;
    const rows = pattern === null ? hypervisors(cloud) : matching(cloud, pattern);
    const pages = atLeast(asked.microversion, '2.33');
    const { page, next } = pages ? pageOf(asked, rows, 1000) : { page: rows };
    const shown = page.map((row) => hypervisorBody(cloud, asked, row, { detailed, servers }));
    return json(200, { hypervisors: shown, ...(next ? { hypervisors_links: [{ rel: 'next', href: next }] } : {}) });
  };
}

/** @throws Fault 404 where none matches */
function matching(cloud: Cloud, pattern: string): Hypervisor[] {
  const found = hypervisors(cloud).filter(({ host }) => host.includes(pattern));
  if (found.length === 0) throw new Fault('not-found', `No hypervisor matching '${pattern}' could be found.`);
  return found;
}

/** @throws Fault 400, 404 */
function one(cloud: Cloud, asked: Asked): Hypervisor {
  const { id = '' } = asked.params;
  const byUuid = atLeast(asked.microversion, '2.53');
  if (byUuid && !/^[0-9a-f-]{36}$/i.test(id)) throw new Fault('bad-request', `Invalid uuid ${id}`);
  const found = hypervisors(cloud).find((row) => (byUuid ? row.id : String(row.number)) === id);
  if (!found) throw new Fault('not-found', `Hypervisor with ID '${id}' could not be found.`);
  return found;
}

const search =
  (cloud: Cloud, servers: boolean): Answer =>
  async (asked) => {
    const rows = matching(cloud, asked.params['id'] ?? '');
    return json(200, {
      hypervisors: rows.map((row) => hypervisorBody(cloud, asked, row, { detailed: false, servers })),
    });
  };
