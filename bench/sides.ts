/** The two sides of the comparison: who asks whom, and which processes it costs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectId, userId } from './population.js';
import type { FilledCascade } from './filled-cascade.js';
import { Client, type Answered } from './measure/asking.js';
import { pathOf, type BenchRequest, type Sample } from './requests.js';

export interface Side {
  readonly name: string;
  /** The processes that take part, by their eldest. */
  readonly pids: readonly number[];
  /** @throws Error where the answer is not a 200 */
  ask(asked: BenchRequest, sample: Sample): Promise<Answered>;
  close(): Promise<void>;
}

function sideOf(
  name: string,
  url: string,
  pids: readonly number[],
  identity: (allTenants: boolean) => Record<string, string>,
): Side {
  const client = new Client();
  return {
    name,
    pids,
    ask: async (asked, sample) => {
      const answered = await client.get(url + pathOf(asked, sample), {
        accept: 'application/json',
        'openstack-api-version': `compute ${asked.microversion}`,
        ...identity(asked.allTenants),
      });
      if (answered.status === 200) return answered;
      throw new Error(`${name}: ${asked.name}: ${answered.status} ${answered.body.toString().slice(0, 500)}`);
    },
    close: () => client.close(),
  };
}

const firstNumber = (file: string): number => Number.parseInt(readFileSync(file, 'utf8'), 10);

/**
 * nova-api with its MariaDB, as `peers/nova/peer.sh` started them. It takes who asks from headers (see its configuration).
 * @param project number of the project that members are of
 */
export function novaSide(url: string, directory: string, project: number): Side {
  const pids = ['nova-api', 'mariadb'].map((name) => firstNumber(join(directory, 'run', `${name}.pid`)));
  return sideOf('nova', url, pids, (allTenants) => ({
    'x-auth-token': 'none',
    'x-user-id': userId(project),
    'x-project-id': projectId(project),
    'x-roles': allTenants ? 'admin,member,reader' : 'member,reader',
  }));
}

/** The cascade, with its PostgreSQL. */
export function cascadeSide({ compute, pids }: FilledCascade, project: number): Side {
  return sideOf('cascade', compute, pids, (allTenants) => ({
    'x-auth-token': allTenants ? 'admin' : `member-${project}`,
  }));
}
