/** `/default-security-group-rules`: asked of the zones that have the extension. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, isOk } from '@cascade/openstack-protocol/message.js';
import { tryJson } from '@cascade/openstack-protocol/server/body.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { canHold } from '../../globals/global-kind.js';
import { readGlobal, writeGlobal, type Subject } from '../../globals/write.js';
import { readAtHome } from '../../routing/any-site.js';
import type { World } from '../../routing/world.js';
import { ignoreSilence, type Site } from '../../sites/site.js';
import type { Collection } from '../collection.js';
import { itemsOf } from '../items.js';
import { listMerged } from '../merge.js';
import { boundTo, firstRules, firstRulesPath } from './first-rules.js';

const canSpeak = (site: Site): boolean => canHold(firstRules, site);

/** What each method does, on the collection and on one of it. */
export function firstRuleAnswers(world: World, collection: Collection) {
  const speaker = async (asked: Asked) => ({
    kinds: [firstRules.kind],
    canSpeak,
    first: await holders(world, asked),
  });
  const named = (asked: Asked): Subject[] => [{ kind: firstRules, id: asked.params['id'] ?? '' }];
  const write = { service: 'network', lock: () => firstRules.kind, speaker } as const;
  const create = writeGlobal(world, {
    ...write,
    changed: (_asked, response) =>
      itemsOf(bodyOf(response), collection)
        .filter((body) => boundTo(body) === undefined)
        .map((body) => ({ kind: firstRules, id: String(body['id']) })),
  });
  return {
    list: ifOffered(world, listMerged(world, collection)),
    create: ifOffered(world, refusingBound(world, collection, create)),
    show: ifOffered(world, readGlobal(world, { service: 'network', speaker })),
    remove: ifOffered(world, writeGlobal(world, { ...write, before: named, changed: named })),
  };
}

/** Where no zone has the extension, one says so itself. */
function ifOffered(world: World, answer: Answer): Answer {
  const unknown = readAtHome(world);
  return (asked) => (world.sites.answering('network').some(canSpeak) ? answer(asked) : unknown(asked));
}

/** The sites that have what a path names: known by their shadows, or asked. */
async function holders(world: World, asked: Asked): Promise<ReadonlySet<number>> {
  const id = asked.params['id'];
  if (id === undefined) return new Set();
  const shadows = (await world.globals.shadows(firstRules.kind, id)).filter((shadow) => shadow.making_since === null);
  if (shadows.length > 0) return new Set(shadows.map((shadow) => shadow.site_id));
  const found = await Promise.all(
    world.sites
      .answering('network')
      .filter(canSpeak)
      .map(async (site) => {
        const path = `${firstRulesPath}/${encodeURIComponent(id)}`;
        const request = { service: 'network', method: 'GET', path } as const;
        const answer = await site.request(request, asked.caller).catch(ignoreSilence);
        return answer && isOk(answer) ? [site.id] : [];
      }),
  );
  return new Set(found.flat());
}

/** @throws Fault 400 for what names something of one zone, where there are several */
function refusingBound(world: World, collection: Collection, answer: Answer): Answer {
  return async (asked) => {
    const raw = await asked.readBody();
    const bound = itemsOf(tryJson(raw), collection)
      .map(boundTo)
      .find((words) => words !== undefined);
    if (bound === undefined || world.sites.all().length <= 1) return answer({ ...asked, readBody: async () => raw });
    const words = `${bound} of one availability zone, and default rules hold in all of them.`;
    throw new Fault('bad-request', words, { type: 'InvalidInput' });
  };
}
