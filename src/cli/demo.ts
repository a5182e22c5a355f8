/** `cascade demo`: fills the cloud with something worth looking at. What is there already is left as it is. */
import { setTimeout as delay } from 'node:timers/promises';
import { HttpClient } from '@cascade/openstack-protocol/client/http.js';
import type { Credential } from '@cascade/openstack-protocol/client/keystone-session.js';
import { CloudClient } from './cloud-client.js';
import { CommandFailed } from './command-failed.js';
import { loginFrom } from './login.js';
import { cascadeUrl, inPlainWords } from './operator-client.js';

interface Named {
  readonly id: string;
  readonly name: string;
}

/** What each project has in every zone. */
interface DemoProject {
  readonly name: string;
  readonly description: string;
  readonly servers: readonly { readonly role: string; readonly flavor: string; readonly count: number }[];
  /** GiB of the volume that is attached to the first server of this role. */
  readonly data?: { readonly role: string; readonly gib: number };
}

const demoProjects: readonly DemoProject[] = [
  {
    name: 'shop',
    description: 'A shop with a front and a database in every zone',
    servers: [
      { role: 'web', flavor: 'm1.small', count: 2 },
      { role: 'db', flavor: 'm1.medium', count: 1 },
    ],
    data: { role: 'db', gib: 20 },
  },
  {
    name: 'weather',
    description: 'Computes forecasts wherever there is room',
    servers: [{ role: 'model', flavor: 'm1.large', count: 2 }],
  },
  { name: 'lab', description: 'Small things to try out', servers: [{ role: 'try', flavor: 'm1.tiny', count: 1 }] },
];

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** @throws CommandFailed with what the cloud refused */
export async function demo(): Promise<void> {
  const http = new HttpClient({ connections: 8, verifyTls: process.env['OS_INSECURE'] !== 'true' });
  try {
    const { authUrl, credential } = await loginFrom(process.env);
    if (credential.kind !== 'password') throw new CommandFailed('cascade demo makes projects: log in with a password');
    const open = (projectName: string) =>
      new CloudClient(http, cascadeUrl(authUrl), inProject(credential, projectName));
    const admin = open(credential.projectName);
    const zones = await zonesOf(admin);
    for (const [at, project] of demoProjects.entries()) {
      await makeProject(admin, project);
      const tenant = open(project.name);
      await Promise.all(zones.map((zone, place) => fillZone(tenant, project, zone, `10.${20 + at}.${place}`)));
      say(`project ${project.name}: in ${zones.join(', ')}`);
    }
    say('Look around: openstack server list --all-projects --long');
  } catch (error) {
    throw inPlainWords(error);
  } finally {
    await http.close();
  }
}

const inProject = (credential: Credential & { kind: 'password' }, projectName: string): Credential => ({
  ...credential,
  projectName,
  projectDomain: 'default',
});

async function zonesOf(admin: CloudClient): Promise<string[]> {
  const { availabilityZoneInfo: zones } = await admin.get<{
    availabilityZoneInfo: { zoneName: string; zoneState: { available: boolean } }[];
  }>('compute', '/os-availability-zone');
  const open = zones.filter(({ zoneState }) => zoneState.available).map(({ zoneName }) => zoneName);
  if (open.length === 0) throw new CommandFailed('this cloud has no availability zone yet: cascade site add');
  return open;
}

/** The project, with whoever is logged in as its member. */
async function makeProject(admin: CloudClient, { name, description }: DemoProject): Promise<void> {
  const { projects } = await admin.get<{ projects: Named[] }>('identity', `/projects?name=${name}&domain_id=default`);
  const project =
    projects[0] ??
    (
      await admin.post<{ project: Named }>('identity', '/projects', {
        project: { name, description, domain_id: 'default' },
      })
    ).project;
  const { roles } = await admin.get<{ roles: Named[] }>('identity', '/roles?name=member');
  const role = roles[0]?.id ?? '';
  await admin.put('identity', `/projects/${project.id}/users/${await admin.userId()}/roles/${role}`);
}

/** @param prefix first three numbers of the zone's addresses in this project */
async function fillZone(tenant: CloudClient, project: DemoProject, zone: string, prefix: string): Promise<void> {
  const network = await networkIn(tenant, `${project.name}-${zone}`, zone, prefix);
  const { flavors } = await tenant.get<{ flavors: Named[] }>('compute', '/flavors');
  for (const { role, flavor, count } of project.servers) {
    const flavorRef = flavors.find(({ name }) => name === flavor)?.id ?? flavors[0]?.id;
    for (let number = 1; number <= count; number += 1) {
      const name = `${project.name}-${role}-${zone}-${number}`;
      if (await serverNamed(tenant, name)) continue;
      const networks = [{ uuid: network }];
      await boot(tenant, { name, flavorRef, networks, availability_zone: zone, metadata: { role } });
    }
  }
  if (project.data) await attachData(tenant, project.name, zone, project.data);
}

/** Boots from the first image that the zone has: which one that is, images do not tell. */
async function boot(tenant: CloudClient, server: object): Promise<void> {
  const { images } = await tenant.get<{ images: Named[] }>('image', '/images?status=active&visibility=public');
  let refusal: unknown = new CommandFailed('this cloud has no public image to boot from');
  for (const { id: imageRef } of images) {
    try {
      await tenant.post('compute', '/servers', { server: { ...server, imageRef } });
      return;
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      refusal = error;
    }
  }
  throw refusal;
}

async function serverNamed(tenant: CloudClient, name: string): Promise<{ id: string; status: string } | undefined> {
  const pattern = encodeURIComponent(`^${name}$`);
  const { servers } = await tenant.get<{ servers: (Named & { status: string })[] }>(
    'compute',
    `/servers/detail?name=${pattern}`,
  );
  return servers[0];
}

async function attachData(
  tenant: CloudClient,
  project: string,
  zone: string,
  { role, gib }: NonNullable<DemoProject['data']>,
): Promise<void> {
  const name = `${project}-data-${zone}`;
  const known = await tenant.get<{ volumes: Named[] }>('volume', `/volumes?name=${name}`);
  if (known.volumes.length > 0) return;
  const server = await until(async () => {
    const seen = await serverNamed(tenant, `${project}-${role}-${zone}-1`);
    return seen?.status === 'ACTIVE' ? seen : undefined;
  });
  const volume = { name, size: gib, availability_zone: zone };
  const { volume: made } = await tenant.post<{ volume: Named }>('volume', '/volumes', { volume });
  await until(async () => {
    const { volume: seen } = await tenant.get<{ volume: { status: string } }>('volume', `/volumes/${made.id}`);
    return seen.status === 'available' ? seen : undefined;
  });
  const volumeAttachment = { volumeId: made.id };
  await tenant.post('compute', `/servers/${server.id}/os-volume_attachments`, { volumeAttachment });
}

/** @throws CommandFailed when it has not come true after two minutes */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + 120_000; Date.now() < end; await delay(500)) {
    const seen = await look();
    if (seen !== undefined) return seen;
  }
  throw new CommandFailed('the cloud is too slow; run cascade demo again later; it continues where it stopped');
}

async function networkIn(tenant: CloudClient, name: string, zone: string, prefix: string): Promise<string> {
  const known = await tenant.get<{ networks: Named[] }>('network', `/networks?name=${name}`);
  if (known.networks[0]) return known.networks[0].id;
  const network = { name, availability_zone_hints: [zone] };
  const { network: made } = await tenant.post<{ network: Named }>('network', '/networks', { network });
  const subnet = { name, network_id: made.id, ip_version: 4, cidr: `${prefix}.0/24` };
  await tenant.post('network', '/subnets', { subnet });
  return made.id;
}
