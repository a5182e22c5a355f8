/** What new security groups begin with: asked of the zones that have the extension. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, isOk } from '@cascade/openstack-protocol/message.js';
import { tryJson } from '@cascade/openstack-protocol/server/body.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { canHold, type GlobalKind } from '../../globals/global-kind.js';
import { readGlobal, writeGlobal, type Subject } from '../../globals/write.js';
import type { Body } from '../../resources/kind.js';
import { readAtHome } from '../../routing/any-site.js';
import type { World } from '../../routing/world.js';
import { ignoreSilence, type Site } from '../../sites/site.js';
import type { Collection } from '../collection.js';
import { itemsOf } from '../items.js';
import { listMerged } from '../merge.js';
import { boundTo, firstRules } from './first-rules.js';
import { statefulness } from './statefulness.js';

/** What each method does, on a collection and on one of it. */
export interface GlobalAnswers {
  readonly list: Answer;
  readonly create: Answer;
  readonly show: Answer;
  /** Of one that is removed or changed. */
  readonly write: Answer;
}

/** By the kind of the collection. */
export const newGroupAnswers: Readonly<Record<string, (world: World, collection: Collection) => GlobalAnswers>> = {
  [firstRules.kind]: (world, collection) => {
    const answers = answersOf(world, collection, firstRules, (body) => boundTo(body) === undefined);
    // Each zone's own are among them.
    const list = ifOffered(world, firstRules, listMerged(world, collection));
    return { ...answers, list, create: refusingBound(world, collection, answers.create) };
  },
  [statefulness.kind]: (world, collection) => answersOf(world, collection, statefulness),
};

/** @param isForAll false for what was made and means something in one zone alone */
function answersOf(
  world: World,
  collection: Collection,
  kind: GlobalKind,
  isForAll: (body: Body) => boolean = () => true,
): GlobalAnswers {
  const speaker = async (asked: Asked) => ({
    kinds: [kind.kind],
    canSpeak: (site: Site) => canHold(kind, site),
    first: await holders(world, asked, collection, kind),
  });
  const named = (asked: Asked): Subject[] => [{ kind, id: asked.params['id'] ?? '' }];
  const write = { service: 'network', lock: () => kind.kind, speaker } as const;
  const read = readGlobal(world, { service: 'network', speaker });
  const create = writeGlobal(world, {
    ...write,
    changed: (_asked, response) =>
      itemsOf(bodyOf(response), collection)
        .filter(isForAll)
        .map((body) => ({ kind, id: String(body['id']) })),
  });
  const ofOne = writeGlobal(world, { ...write, before: named, changed: named });
  return {
    list: ifOffered(world, kind, read),
    create: ifOffered(world, kind, create),
    show: ifOffered(world, kind, read),
    write: ifOffered(world, kind, ofOne),
  };
}

/** Where no zone has the extension, one says so itself. */
function ifOffered(world: World, kind: GlobalKind, answer: Answer): Answer {
  const unknown = readAtHome(world);
  return (asked) =>
    world.sites.answering('network').some((site) => canHold(kind, site)) ? answer(asked) : unknown(asked);
}

/** The sites that have what a path names: known by their shadows, or asked. */
async function holders(
  world: World,
  asked: Asked,
  { path }: Collection,
  kind: GlobalKind,
): Promise<ReadonlySet<number>> {
  const id = asked.params['id'];
  if (id === undefined) return new Set();
  const shadows = (await world.globals.shadows(kind.kind, id)).filter((shadow) => shadow.making_since === null);
  if (shadows.length > 0) return new Set(shadows.map((shadow) => shadow.site_id));
  const found = await Promise.all(
    world.sites
      .answering('network')
      .filter((site) => canHold(kind, site))
      .map(async (site) => {
        const request = { service: 'network', method: 'GET', path: `${path}/${encodeURIComponent(id)}` } as const;
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
