/** How much each project may have. @see openstack/nova:nova/quota.py and nova/conf/quota.py */
import { rowsIn, valueAt, type Parts } from '../../state/part.js';

/** Nova's own defaults, but for servers, cores and memory: what a cloud behind a cascade may hold is the cascade's to limit. */
const usual = {
  instances: -1,
  cores: -1,
  ram: -1,
  metadata_items: 128,
  injected_files: 5,
  injected_file_content_bytes: 10_240,
  injected_file_path_bytes: 255,
  key_pairs: 100,
  server_groups: 10,
  server_group_members: 10,
  fixed_ips: -1,
  floating_ips: -1,
  networks: -1,
  security_groups: -1,
  security_group_rules: -1,
} as const;

export type QuotaName = keyof typeof usual;
export type Limits = Readonly<Record<QuotaName, number>>;

export const quotaNames = Object.keys(usual) as readonly QuotaName[];

export class Quotas {
  private defaults: Limits = usual;
  private readonly byProject = new Map<string, Partial<Limits>>();

  of(projectId: string): Limits {
    const own = this.byProject.get(projectId);
    return own ? { ...this.defaults, ...own } : this.defaults;
  }

  ofClass(): Limits {
    return this.defaults;
  }

  set(projectId: string, limits: Partial<Limits>): void {
    this.byProject.set(projectId, { ...this.byProject.get(projectId), ...limits });
  }

  setClass(limits: Partial<Limits>): void {
    this.defaults = { ...this.defaults, ...limits };
  }

  reset(projectId: string): void {
    this.byProject.delete(projectId);
  }

  parts(): Parts {
    return {
      'compute quota': rowsIn(this.byProject),
      'compute defaults': valueAt(
        () => this.defaults,
        (limits) => (this.defaults = limits),
      ),
    };
  }
}
