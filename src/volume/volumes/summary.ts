/** `GET /volumes/summary`: the sites' summaries in one. */
import { bodyOf, json } from '@cascade/openstack-protocol/message.js';
import type { Answer } from '@cascade/openstack-protocol/server/route.js';
import { fanOut, answersOrRefusal } from '../../routing/fan-out.js';
import type { World } from '../../routing/world.js';

interface Summary {
  total_count: number;
  total_size: number;
  /** Every value that a key has, since 3.36. */
  metadata?: Record<string, string[]>;
}

export function sumVolumes(world: World): Answer {
  return async (asked) => {
    const { answers, refusal } = answersOrRefusal(await fanOut(world, asked));
    if (refusal) return refusal;
    const all = answers.map(({ response }) => (bodyOf(response) as { 'volume-summary': Summary })['volume-summary']);
    return json(200, { 'volume-summary': all.reduce(sum) });
  };
}

function sum(a: Summary, b: Summary): Summary {
  const total = { total_count: a.total_count + b.total_count, total_size: a.total_size + b.total_size };
  if (!a.metadata || !b.metadata) return total;
  const metadata = { ...a.metadata };
  for (const [key, values] of Object.entries(b.metadata))
    metadata[key] = [...new Set([...(metadata[key] ?? []), ...values])];
  return { ...total, metadata };
}
