/** Simulated clouds under one Keystone, each behind a border; some of what happens to them happens inside. */
import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { request } from 'undici';
import { tasks, usualDurations, type Durations } from '@cascade/simulated-openstack/durations.js';
import { openSimulatedClouds, type OpenedCloud } from '@cascade/simulated-openstack/open-clouds.js';
import { FakeKeystone } from '../fake-cloud.js';
import { Border } from './border.js';
import type { CloudsUnderTest, SiteUnderTest } from './clouds.js';
import { OpenStackApi, type Login } from './openstack-api.js';

const operator = { username: 'cascade', password: 'correct horse', projectName: 'admin' };

/** A server is built in a fifth of a second: histories are short. */
const haste = 1 / 30;
const durations = Object.fromEntries(tasks.map((task) => [task, usualDurations[task] * haste])) as Durations;

export async function startSimulatedClouds(names: readonly string[]): Promise<CloudsUnderTest> {
  const keystone = new FakeKeystone();
  await keystone.server.start();
  const keystoneBorder = new Border(keystone.server.url);
  await keystoneBorder.open();
  const [project, adminProject, operatorId] = ['', '', ''].map(() => randomBytes(16).toString('hex')) as [
    string,
    string,
    string,
  ];
  keystone.users.set(operator.username, {
    id: operatorId,
    password: operator.password,
    projectId: adminProject,
    roles: ['admin'],
  });
  const admin = { token: keystone.issue({ roles: ['admin'], projectId: adminProject }), projectId: adminProject };
  const member = { token: keystone.issue({ roles: ['member'], projectId: project }), projectId: project };
  const opened = await openSimulatedClouds({
    names,
    profile: { latencies: {}, durations },
    keystone: { shared: keystone.server.url },
    log: pino({ level: 'silent' }),
  });
  const sites = await Promise.all(opened.clouds.map((cloud) => siteOf(cloud, admin)));
  return {
    sites,
    knowGroups: true,
    keystone: keystoneBorder,
    operator,
    admin: () => Promise.resolve(admin),
    member: () => Promise.resolve(member),
    close: async () => {
      await Promise.all(sites.flatMap(({ border, direct }) => [border.close(), direct.close()]));
      await opened.close();
      await keystoneBorder.close();
      await keystone.server.refuse();
    },
  };
}

async function siteOf({ cloud, url, faults }: OpenedCloud, admin: Login): Promise<SiteUnderTest> {
  const border = new Border(url);
  await border.open();
  await allowNetworks(url, admin);
  return {
    name: cloud.name,
    region: cloud.region,
    authUrl: `${border.url}/identity/v3`,
    border,
    imageId: cloud.images.initialIds[0] ?? '',
    direct: new OpenStackApi(
      () => url,
      () => Promise.resolve(admin),
    ),
    insideFault: (fault) => (fault ? void faults.set(insideFaults[fault]) : faults.clear()),
  };
}

const insideFaults = {
  lag: { kind: 'stale', lag_seconds: 15 },
  'clock ahead': { kind: 'clock-skew', skew_seconds: 3_600 },
  'clock behind': { kind: 'clock-skew', skew_seconds: -3_600 },
} as const;

/** Neutron's usual quota is less than what a site holds from the start. */
async function allowNetworks(url: string, { token, projectId }: Login): Promise<void> {
  const { statusCode, body } = await request(`${url}/network/v2.0/quotas/${projectId}`, {
    method: 'PUT',
    headers: { 'x-auth-token': token, 'content-type': 'application/json' },
    body: JSON.stringify({ quota: { network: -1 } }),
  });
  if (statusCode !== 200) throw new Error(`quota: ${statusCode} ${await body.text()}`);
  await body.dump();
}
