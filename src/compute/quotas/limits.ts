/** A project's limits: what one site says, with what the project uses at all of them. */
import { bodyOf, withBody } from '@cascade/openstack-protocol/message.js';
import { route, type Answer, type Route } from '@cascade/openstack-protocol/server/route.js';
import { fanOut, answersOrRefusal } from '../../routing/fan-out.js';
import type { World } from '../../routing/world.js';
import { quotaSpeaker } from './quotas.js';

export const limitRoutes = (world: World): Route[] => [route('GET /limits', 'reader', limits(world))];

type Absolute = Record<string, number>;
interface Limits {
  limits: { rate: unknown[]; absolute: Absolute };
}

function limits(world: World): Answer {
  return async (asked) => {
    const speaking = await quotaSpeaker(world);
    const { answers, refusal } = answersOrRefusal(await fanOut(world, asked));
    if (refusal) return refusal;
    const answer = (answers.find(({ site }) => site === speaking) ?? answers[0]!).response;
    const { limits: said } = bodyOf(answer) as Limits;
    const absolute = { ...said.absolute };
    for (const key of Object.keys(absolute).filter((name) => /^total.*Used$/.test(name))) {
      absolute[key] = answers.reduce(
        (sum, { response }) => sum + ((bodyOf(response) as Limits).limits.absolute[key] ?? 0),
        0,
      );
    }
    if ('totalServerGroupsUsed' in absolute) {
      // A group is one, however many sites have a shadow of it.
      const project = asked.query.get('tenant_id') ?? asked.caller.projectId ?? '';
      absolute['totalServerGroupsUsed'] = (await world.globals.list('server_group', project)).length;
    }
    return withBody(answer, { limits: { ...said, absolute } });
  };
}
