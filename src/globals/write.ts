/** Reads and writes through the speaker: its response is the caller's, and what it then holds is the cascade's. */
import { isOk, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { tryJson } from '@cascade/openstack-protocol/server/body.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import type { Version } from '../resources/global.js';
import type { Body } from '../resources/kind.js';
import { sendAdmitted } from '../routing/admission.js';
import { isAsNew } from '../routing/older-site.js';
import { callSite } from '../routing/site-call.js';
import type { World } from '../routing/world.js';
import { noZoneAnswers, SiteUnreachable, type Site } from '../sites/site.js';
import { convergeHeld, tryToConverge } from './converge.js';
import {
  canHold,
  isWrittenForAll,
  translated,
  translationAt,
  type GlobalKind,
  type Translation,
} from './global-kind.js';
import { withLock, withSiteLock } from './lock.js';
import { speakers, type SpeakerChoice } from './speaker.js';

/** One thing that a write is about. */
export interface Subject {
  readonly kind: GlobalKind;
  /** The cascade's id, which for a new thing is the speaker's. */
  readonly id: string;
  /** What the cascade holds from now on, null for nothing; read from the speaker where this is absent. */
  readonly body?: Body | null;
  /** @default whom its kind tells by its body, if anybody */
  readonly ownerId?: string | null;
}

export interface GlobalWrite {
  readonly service: ServiceName;
  readonly lock: (asked: Asked, raw: Buffer) => string;
  readonly speaker?: (asked: Asked) => Promise<SpeakerChoice> | SpeakerChoice;
  /**
   * What the request names, known before it is sent: the speaker is brought to what the cascade holds of it, and is asked what
   * became of it where the request is not answered.
   */
  readonly before?: (asked: Asked, raw: Buffer) => Promise<readonly Subject[]> | readonly Subject[];
  /** What the response says was changed. */
  readonly changed: (asked: Asked, response: OpenStackResponse, raw: Buffer) => Promise<Subject[]> | Subject[];
  readonly translation?: GlobalKind['translation'];
  /** The kind of what it creates, where quotas count that: it passes admission. */
  readonly admits?: string;
}

/** `GET /types`: the speaker's response. */
export const readGlobal =
  (world: World, write: Pick<GlobalWrite, 'service' | 'speaker' | 'translation'>): Answer =>
  async (asked) =>
    (await speak(world, write, asked, undefined, (_site, send) => send())).response;

export function writeGlobal(world: World, write: GlobalWrite): Answer {
  return async (asked) => {
    const raw = asked.method === 'GET' ? Buffer.alloc(0) : await asked.readBody();
    return withLock(world, write.lock(asked, raw), async () => {
      const kept = await speakAndKeep(world, write, asked, raw);
      // One after the other, since a type may name QoS specs that are as new as itself; the sites at once.
      for (const { kind, id } of kept.subjects) {
        const sites = await sitesToTell(world, kind, id);
        await Promise.all(sites.map((site) => tryToConverge({ world, kind, site }, id)));
      }
      return kept.response;
    });
  };
}

/** Sites that are to follow a write at once: all that have what is deleted, and all where its kind is spread. */
async function sitesToTell(world: World, about: GlobalKind, id: string): Promise<Site[]> {
  const { kind, service, presence, spread } = about;
  const sites = world.sites
    .answering(service)
    .filter((one) => one.capabilities.endpoints[service] && canHold(about, one));
  if (!(await world.globals.find(kind, id))) {
    const holders = new Set((await world.globals.shadows(kind, id)).map((shadow) => shadow.site_id));
    return sites.filter((site) => holders.has(site.id));
  }
  return presence !== 'on demand' && spread !== 'later' ? sites : [];
}

async function speakAndKeep(world: World, write: GlobalWrite, asked: Asked, raw: Buffer) {
  let subjects: Subject[] = [];
  const { response } = await speak(world, write, asked, raw, (site, send) =>
    // Nobody else may change at the speaker what the request is about before it has been read back.
    withSiteLock(world, write.lock(asked, raw), site, async () => {
      const named = (await write.before?.(asked, raw)) ?? [];
      for (const { kind, id } of named) await convergeHeld({ world, kind, site }, id);
      const readAt = await world.globals.version();
      const answer = await sendNoted(world, site, named, () => admitted(world, write, asked, site, raw, send));
      if (!isOk(answer)) return answer;
      subjects = await write.changed(asked, answer, raw);
      for (const subject of subjects) await keep(world, site, subject, readAt);
      return answer;
    }),
  );
  return { response, subjects };
}

function admitted(world: World, { admits: kind }: GlobalWrite, asked: Asked, site: Site, raw: Buffer, send: Send) {
  if (kind === undefined) return send();
  return sendAdmitted(world, { asked, site, kind, projectId: asked.caller.projectId, body: tryJson(raw) }, send);
}

/**
 * Sends what is noted before, since the answer may be lost, and this process may end: what the speaker then has of what the
 * request names is to be read.
 */
async function sendNoted(world: World, site: Site, named: readonly Subject[], send: Send): Promise<OpenStackResponse> {
  const { globals } = world;
  const notes = await Promise.all(
    named.map(async ({ kind: { kind }, id }) => ({ kind, id, shadow: await globals.shadow(kind, id, site.id) })),
  );
  // What is being made there is known to be unknown.
  const changed = notes.filter(({ shadow }) => !shadow || shadow.making_since === null);
  for (const { kind, id } of changed) await globals.putShadow(kind, id, site.id, null);
  const nothingWasDone = async (): Promise<void> => {
    for (const { kind, id, shadow } of changed) {
      if (shadow) await globals.putShadow(kind, id, site.id, shadow.seen);
      else await globals.removeShadow(kind, id, site.id);
    }
  };
  try {
    const answer = await send();
    if (answer.status >= 400 && answer.status < 500) await nothingWasDone();
    return answer;
  } catch (error) {
    if (error instanceof SiteUnreachable && error.notTaken) await nothingWasDone();
    throw error;
  }
}

/** Keeps what the speaker holds. Where it falls silent before it can be read, its reconciler reads it. */
async function keep(world: World, site: Site, subject: Subject, readAt: Version): Promise<void> {
  const { kind, id } = subject;
  const { toGlobal } = translationAt(world, kind, site);
  try {
    const body = subject.body === undefined ? await kind.read(site, id) : subject.body;
    if (body) {
      const held = translated(body, toGlobal);
      const ownerId = subject.ownerId ?? kind.ownerOf?.(held) ?? null;
      if (await world.globals.put(kind.kind, id, ownerId, held, { readAt, isWritten: isWrittenForAll(kind) }))
        await world.globals.putShadow(kind.kind, id, site.id, held);
    } else {
      await world.globals.remove(kind.kind, id);
      await world.globals.removeShadow(kind.kind, id, site.id);
    }
  } catch (error) {
    world.log.warn({ event: 'global.unread', site: site.name, kind: kind.kind, id, err: error }, 'will be read again');
    await world.globals.putShadow(kind.kind, id, site.id, null);
  }
}

type Send = () => Promise<OpenStackResponse>;

/** The response of the first site that takes the request. @throws Fault 503 where none does */
async function speak(
  world: World,
  write: Pick<GlobalWrite, 'service' | 'speaker' | 'translation'>,
  asked: Asked,
  raw: Buffer | undefined,
  around: (site: Site, send: Send) => Promise<OpenStackResponse>,
): Promise<{ site: Site; response: OpenStackResponse }> {
  const reads = asked.method === 'GET' || asked.method === 'HEAD';
  const choice = { ...(await write.speaker?.(asked)), isAsNew: (site: Site) => isAsNew(asked, site) };
  for (const site of await speakers(world, write.service, choice)) {
    const send = () => sendTranslated(asked, site, raw, translationAt(world, write, site));
    try {
      return { site, response: await around(site, send) };
    } catch (error) {
      if (!(error instanceof SiteUnreachable) || !(reads || error.notTaken)) throw error;
    }
  }
  throw noZoneAnswers();
}

async function sendTranslated(
  asked: Asked,
  site: Site,
  raw: Buffer | undefined,
  { toSite, toGlobal }: Translation,
): Promise<OpenStackResponse> {
  const response = await callSite(asked, site, raw ? { body: Buffer.from(toSite(raw.toString())) } : {});
  const text = Buffer.isBuffer(response.body) ? Buffer.from(toGlobal(response.body.toString())) : response.body;
  return { ...response, body: text };
}
