/** Servers that are to share a host, or none. @see openstack/nova:nova/api/openstack/compute/server_groups.py */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { compared, type Parts } from '../state/part.js';
import type { Servers } from './servers/servers.js';

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly policy: string;
  readonly rules: Readonly<Record<string, unknown>>;
  readonly projectId: string;
  readonly userId: string;
}

export class ServerGroups {
  private readonly groups = new Map<string, Group>();
  private readonly memberIds = new Map<string, Set<string>>();

  constructor(private readonly servers: Servers) {
    servers.watch((_before, { id, serverGroupId, deletedAt }) => {
      if (serverGroupId === null) return;
      const members = this.memberIds.get(serverGroupId);
      if (deletedAt === null) members?.add(id);
      else members?.delete(id);
    });
  }

  all(): Group[] {
    return [...this.groups.values()];
  }

  of(projectId: string): Group[] {
    return this.all().filter((group) => group.projectId === projectId);
  }

  add(group: Group): void {
    this.groups.set(group.id, group);
    this.memberIds.set(group.id, new Set());
  }

  remove(id: string): void {
    this.groups.delete(id);
    this.memberIds.delete(id);
  }

  find(id: string): Group | undefined {
    return this.groups.get(id);
  }

  /** Their members are found again with the servers, which are taken back after them. */
  parts(): Parts {
    return {
      'server group': compared({
        rows: () => this.groups,
        restore: (rows) => {
          for (const group of rows.values()) this.add(group);
        },
      }),
    };
  }

  membersOf(id: string): string[] {
    return [...(this.memberIds.get(id) ?? [])];
  }

  /** For a server that is to be a member. @throws Fault 400 */
  requireFor(projectId: string, id: string): Group {
    const group = this.groups.get(id);
    if (group?.projectId !== projectId) throw new Fault('bad-request', `Instance group ${id} could not be found.`);
    return group;
  }

  /** Which hosts the policy of a group leaves its next member. */
  hostFilter(id: string | null): (host: string) => boolean {
    const group = id === null ? undefined : this.groups.get(id);
    const hosts = new Set(group && this.membersOf(group.id).map((member) => this.servers.living(member)?.host ?? ''));
    hosts.delete('');
    if (group?.policy === 'anti-affinity') return (host) => !hosts.has(host);
    if (group?.policy === 'affinity' && hosts.size > 0) return (host) => hosts.has(host);
    return () => true;
  }
}
