/** Quotas of a lost database, taken over from the sites: two questions a project, asked while the sites are still read. */
import { setTimeout as delay } from 'node:timers/promises';
import type { KeystoneSession } from '@cascade/openstack-protocol/client/keystone-session.js';
import type { AdoptedQuotas } from '../admin/rebuild-routes.js';
import { projectsInTurn } from '../admin/schemas.js';
import { CommandFailed } from './command-failed.js';
import { inPlainWords, type Ask } from './operator-client.js';
import { grouped, warn } from './words.js';

/** Between two looks for projects that the reading has found. */
const pauseMs = 2_000;

export class QuotaAdoption {
  private readonly looked = new Set<string>();
  private next: string[] = [];
  private adopted = 0;
  private ofKeystone: readonly string[] | undefined;

  constructor(
    private readonly ask: Ask,
    private readonly keystone: KeystoneSession,
  ) {}

  /** How far it has come. */
  get line(): string {
    return `quotas of ${grouped(this.looked.size)} projects are looked at`;
  }

  /** How many were found, of one service and project each. */
  get found(): number {
    return this.adopted;
  }

  /** Goes on for as long as the sites are read. What fails meanwhile is tried again, in the end by `finish`. */
  async beside<Result>(reading: Promise<Result>): Promise<Result> {
    let isRead = false;
    const adopting = (async () => {
      while (!isRead) {
        const went = await this.turn().catch(ignoreFailure);
        if (!went) await delay(pauseMs);
      }
    })();
    try {
      return await reading;
    } finally {
      isRead = true;
      await adopting;
    }
  }

  /** @param told after each turn @throws CommandFailed where the site that speaks does not tell */
  async finish(told: () => void): Promise<void> {
    while (await this.turn()) told();
  }

  /** @returns false where all projects that are known have been looked at */
  private async turn(): Promise<boolean> {
    if (this.next.length === 0) this.next = await this.left();
    if (this.next.length === 0) return false;
    const projects = this.next.slice(0, projectsInTurn);
    const { adopted } = await this.ask<AdoptedQuotas>('POST', '/quotas/adopt', { projects });
    this.next.splice(0, projects.length);
    this.adopted += adopted;
    for (const id of projects) this.looked.add(id);
    return true;
  }

  private async left(): Promise<string[]> {
    this.ofKeystone ??= await this.readProjects();
    const { projects } = await this.ask<{ projects: string[] }>('GET', '/quotas/projects');
    return [...new Set([...projects, ...this.ofKeystone])].filter((id) => !this.looked.has(id));
  }

  /** A quota may wait for a project that has nothing yet. */
  private async readProjects(): Promise<readonly string[]> {
    try {
      const ids = await this.keystone.readProjects();
      if (!ids)
        warn('Keystone does not tell you its projects: of those that have nothing, the quotas are not looked for');
      return ids ?? [];
    } catch (error) {
      throw inPlainWords(error);
    }
  }
}

function ignoreFailure(error: unknown): false {
  if (error instanceof CommandFailed) return false;
  throw error;
}
