/** `GET /usages`: what a project's servers take at all sites, from the inventory; other projects' for administrators. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import type { World } from '../routing/world.js';
import { fresh } from './answers.js';
import { checkParameters } from './query.js';

interface Taken {
  readonly servers: number;
  readonly vcpus: number;
  readonly ram: number;
  readonly disk: number;
}

export function projectUsages(world: World): Answer {
  return async (asked) => {
    checkParameters(asked, [
      [/^(project_id|user_id)$/, '1.9'],
      [/^consumer_type$/, '1.38'],
    ]);
    const projectId = asked.query.get('project_id');
    if (!asked.caller.isAdmin && projectId !== asked.caller.projectId) {
      throw new Fault('forbidden', 'Policy does not allow placement:usages to be performed.');
    }
    if (!projectId) {
      throw new Fault('bad-request', "Invalid query string parameters: 'project_id' is a required property");
    }
    const taken = await takenBy(world, projectId, asked.query.get('user_id'));
    return fresh(asked, { usages: view(asked, taken) });
  };
}

// Flavors are embedded in servers since 2.47. Nova claims root disk, ephemeral disk and swap, which is in MiB, together.
const takenBy = (world: World, projectId: string, userId: string | null): Promise<Taken> =>
  world.database.one<Taken>(
    `select count(*) as servers, coalesce(sum((flavor->>'vcpus')::int8), 0)::int8 as vcpus,
            coalesce(sum((flavor->>'ram')::int8), 0)::int8 as ram,
            coalesce(sum((flavor->>'disk')::int8 + coalesce((flavor->>'ephemeral')::int8, 0)
              + ceil(coalesce(nullif(flavor->>'swap', '')::numeric, 0) / 1024)), 0)::int8 as disk
       from (select body::jsonb->'flavor' as flavor from resource
              where kind = 'server' and deleted_at is null and project_id = $1
                and ($2::text is null or facts->>'user_id' = $2)) as server`,
    [projectId, userId],
  );

function view(asked: Asked, { servers, vcpus, ram, disk }: Taken) {
  if (servers === 0) return {};
  const usages = { VCPU: vcpus, MEMORY_MB: ram, DISK_GB: disk };
  if (!atLeast(asked.microversion, '1.38')) return usages;
  // All that the inventory knows of as a consumer is a server.
  const type = asked.query.get('consumer_type') ?? 'INSTANCE';
  if (type === 'INSTANCE') return { INSTANCE: { ...usages, consumer_count: servers } };
  return type === 'all' ? { all: { ...usages, consumer_count: servers } } : {};
}
