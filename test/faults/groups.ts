/** Security groups over sites in random histories: what members of a project do with them, and what must hold afterwards. */
import type { CloudsUnderTest, SiteUnderTest } from './clouds.js';
import type { OpenStackApi, Told } from './openstack-api.js';

type Row = Record<string, unknown> & { readonly id: string };

const groupsPath = '/security-groups';
const networkName = 'members-meet-here';
const copyOf = /^cascade copy of ([0-9a-f]{32})$/;
const isOurs = (row: Row): boolean => String(row['description']).startsWith('cascade ');

async function list(api: OpenStackApi, path: string, key: string): Promise<Row[]> {
  const { status, body } = await api.ask('network', 'GET', path);
  const rows = body?.[key];
  if (status !== 200 || !Array.isArray(rows)) throw new Error(`list of ${key}: ${status}`);
  return rows as Row[];
}

/** A network at each site on which members meet, where there is none. */
export async function addNetworks({ sites, member, knowGroups }: CloudsUnderTest): Promise<void> {
  if (!knowGroups) return;
  const { projectId } = await member();
  for (const [at, site] of sites.entries()) {
    const { direct } = site;
    if (await networkAt(site)) continue;
    const network = { name: networkName, project_id: projectId };
    const { body } = await direct.ask('network', 'POST', '/networks', { network });
    const id = (body?.['network'] as Row).id;
    const subnet = { network_id: id, ip_version: 4, cidr: `10.${at}.0.0/22`, project_id: projectId };
    await direct.ask('network', 'POST', '/subnets', { subnet });
  }
}

/** Undefined where a history has deleted it. */
const networkAt = async ({ direct }: SiteUnderTest): Promise<string | undefined> =>
  (await list(direct, `/networks?name=${networkName}`, 'networks'))[0]?.id;

/** What a history does with groups, by what the cascade shows at that moment. */
export class GroupsAtPlay {
  private made = 0;

  constructor(
    private readonly tenant: OpenStackApi,
    private readonly sites: readonly SiteUnderTest[],
    private readonly projectId: string,
    private readonly tag: string,
  ) {}

  make(): Promise<Told> {
    const security_group = { name: `${this.tag}-g${(this.made += 1)}` };
    return this.tenant.ask('network', 'POST', groupsPath, { security_group });
  }

  /** One admits another, or itself. */
  async admit(which: number, other: number): Promise<void> {
    const [group, remote] = await this.pickGroups(which, other);
    if (!group || !remote) return;
    const port = 1_000 + (other % 3);
    const security_group_rule = {
      security_group_id: group.id,
      direction: 'ingress',
      protocol: 'tcp',
      port_range_min: port,
      port_range_max: port,
      ...(other % 2 === 0 ? { remote_group_id: remote.id } : { remote_ip_prefix: '10.0.0.4/32' }),
    };
    await this.tenant.ask('network', 'POST', '/security-group-rules', { security_group_rule });
  }

  async takeRule(which: number, other: number): Promise<void> {
    const [group] = await this.pickGroups(which);
    const rules = (group?.['security_group_rules'] ?? []) as Row[];
    const rule = rules[other % Math.max(1, rules.length)];
    if (rule) await this.tenant.ask('network', 'DELETE', `/security-group-rules/${rule.id}`);
  }

  async join(which: number, zone: number): Promise<void> {
    const [group] = await this.pickGroups(which);
    if (!group) return;
    const network_id = await networkAt(this.sites[zone % this.sites.length]!);
    if (!network_id) return;
    await this.tenant.ask('network', 'POST', '/ports', { port: { network_id, security_groups: [group.id] } });
  }

  async leave(which: number): Promise<void> {
    const ports = await this.safely(list(this.tenant, '/ports', 'ports'));
    const port = ports[which % Math.max(1, ports.length)];
    if (port) await this.tenant.ask('network', 'DELETE', `/ports/${port.id}`);
  }

  async remove(which: number): Promise<void> {
    const [group] = await this.pickGroups(which);
    if (group) await this.tenant.ask('network', 'DELETE', `${groupsPath}/${group.id}`);
  }

  /** A copy, or a rule of one, is deleted at its site, past the cascade. */
  async breakThere(site: number, which: number): Promise<void> {
    const { direct } = this.sites[site % this.sites.length]!;
    const copies = (await groupsAt(direct, this.projectId)).filter(isOurs);
    const copy = copies[which % Math.max(1, copies.length)];
    const rule = ((copy?.['security_group_rules'] ?? []) as Row[])[0];
    if (which % 2 === 0 && rule) await direct.ask('network', 'DELETE', `/security-group-rules/${rule.id}`);
    else if (copy) await direct.ask('network', 'DELETE', `${groupsPath}/${copy.id}`);
  }

  private async pickGroups(...which: number[]): Promise<(Row | undefined)[]> {
    const all = (await this.safely(list(this.tenant, groupsPath, 'security_groups')))
      .filter(({ name }) => String(name).startsWith(this.tag))
      .sort((a, b) => (String(a['name']) < String(b['name']) ? -1 : 1));
    return which.map((one) => all[one % Math.max(1, all.length)]);
  }

  private safely(rows: Promise<Row[]>): Promise<Row[]> {
    return rows.catch(() => []);
  }
}

const groupsAt = (api: OpenStackApi, projectId: string): Promise<Row[]> =>
  list(api, `${groupsPath}?project_id=${projectId}`, 'security_groups');

interface Seen {
  readonly site: string;
  readonly groups: readonly Row[];
  readonly ports: readonly Row[];
}

/** @returns one sentence for each copy of nothing, second copy, and group that admits other members in one site than at its home */
export async function groupDifferences(clouds: CloudsUnderTest, operator: OpenStackApi): Promise<string[]> {
  if (!clouds.knowGroups) return [];
  const { projectId } = await clouds.member();
  const shown = (await groupsAt(operator, projectId)).filter(({ name }) => name !== 'default');
  const seen = await Promise.all(
    clouds.sites.map(async ({ name: site, direct }): Promise<Seen> => {
      const groups = (await groupsAt(direct, projectId)).filter(({ name }) => name !== 'default');
      return { site, groups, ports: await list(direct, `/ports?project_id=${projectId}`, 'ports') };
    }),
  );
  const wrong = shown.filter(isOurs).map(({ id }) => `the cascade shows the copy ${id}`);
  const known = new Set(shown.map(({ id }) => id));
  for (const { site, groups } of seen) {
    const ids = groups.map(idOf);
    for (const [at, id] of ids.entries()) {
      if (!known.has(id)) wrong.push(`${site} has security group ${id}, which the cascade does not show`);
      if (ids.indexOf(id) !== at) wrong.push(`${site} has security group ${id} twice`);
    }
  }
  for (const { id } of shown) wrong.push(...differencesOf(id, seen));
  return wrong;
}

/** Of what a group is, or is a copy of. */
const idOf = (group: Row): string =>
  copyOf.exec(String(group['description']))?.[1]?.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') ??
  group.id;

function differencesOf(id: string, seen: readonly Seen[]): string[] {
  const home = seen.find(({ groups }) => groups.some((group) => group.id === id));
  if (!home) return [`no site has security group ${id}`];
  const everybody = seen.flatMap((one) => membersAt(one));
  const group = home.groups.find((one) => one.id === id)!;
  const written = ((group['security_group_rules'] ?? []) as Row[]).filter((rule) => !isOurs(rule));
  const wanted = admitted(written, home, everybody);
  return seen.flatMap((one) => {
    const copy = one.groups.find((other) => idOf(other) === id);
    if (!copy) return [];
    const there = admitted((copy['security_group_rules'] ?? []) as Row[], one, membersAt(one));
    if (there === wanted) return [];
    return [`${one.site} admits to ${id} ${there}; its home ${home.site} ${wanted}`];
  });
}

interface Member {
  readonly group: string;
  readonly address: string;
}

/** Members by the id of the group that they are of to tenants. */
function membersAt({ groups, ports }: Seen): Member[] {
  const idHere = new Map(groups.map((group) => [group.id, idOf(group)]));
  return ports.flatMap((port) =>
    ((port['security_groups'] ?? []) as string[]).flatMap((own) =>
      ((port['fixed_ips'] ?? []) as { ip_address: string }[]).map(({ ip_address: address }) => ({
        group: idHere.get(own) ?? own,
        address: `${address}/32`,
      })),
    ),
  );
}

/** What some rules of one site admit, address by address, as one text. */
function admitted(rules: readonly Row[], { groups }: Seen, members: readonly Member[]): string {
  const idHere = new Map(groups.map((group) => [group.id, idOf(group)]));
  const texts = rules.flatMap((rule) => {
    const words = ['direction', 'ethertype', 'protocol', 'port_range_min'].map((name) => String(rule[name])).join(' ');
    const remote = rule['remote_group_id'] as string | null;
    if (remote === null) return expanded(rule['remote_ip_prefix'] as string | null).map((from) => `${words} ${from}`);
    const of = idHere.get(remote) ?? remote;
    if (rule['ethertype'] !== 'IPv4') return [];
    return members.filter(({ group }) => group === of).map(({ address }) => `${words} ${address}`);
  });
  return [...new Set(texts)].sort().join(', ') || 'nobody';
}

/** Each address of a small prefix. */
function expanded(prefix: string | null): string[] {
  const [host = '', length = '32'] = (prefix ?? '').split('/');
  const bits = 32 - Number(length);
  if (prefix === null || bits > 8) return [prefix ?? 'anywhere'];
  const parts = host.split('.').map(Number);
  return Array.from({ length: 2 ** bits }, (_, at) => `${parts.slice(0, 3).join('.')}.${parts[3]! + at}/32`);
}

/** What a history has left goes, behind the cascade's back. */
export async function tidyGroups({ sites, member, knowGroups }: CloudsUnderTest): Promise<void> {
  if (!knowGroups) return;
  const { projectId } = await member();
  for (const { direct } of sites) {
    for (const { id } of await list(direct, `/ports?project_id=${projectId}`, 'ports'))
      await direct.ask('network', 'DELETE', `/ports/${id}`);
    for (const { id, name } of await groupsAt(direct, projectId))
      if (name !== 'default') await direct.ask('network', 'DELETE', `${groupsPath}/${id}`);
  }
}
