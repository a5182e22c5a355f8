/** Plays a history: requests are sent and not waited for, so that whatever comes next comes in the middle of them. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Border, Scope } from './border.js';
import type { CloudsUnderTest, SiteUnderTest } from './clouds.js';
import type { FaultName } from './faults.js';
import { globalKinds, type GlobalName } from './global-kinds.js';
import { GlobalLedger } from './global-ledger.js';
import { GroupsAtPlay } from './groups.js';
import { slots, type History, type Step } from './history.js';
import { kinds, type KindName } from './kinds.js';
import { Ledger } from './ledger.js';
import type { Listed, OpenStackApi } from './openstack-api.js';
import type { RunningCascade } from './running-cascade.js';

/** Between two steps. */
const breathMs = 40;
/** Requests under way at once: who waits for a silent site must not keep the history from going on. */
const atOnce = 40;

export interface Stage {
  readonly cascade: RunningCascade;
  readonly clouds: CloudsUnderTest;
  /** The cascade, as a tenant. */
  readonly tenant: OpenStackApi;
  /** The cascade, as its administrator. */
  readonly operator: OpenStackApi;
}

/** What was asked and answered. */
export interface Ledgers {
  readonly ledger: Ledger;
  readonly globals: GlobalLedger;
}

let played = 0;

export async function play({ cascade, clouds, tenant, operator }: Stage, history: History): Promise<Ledgers> {
  const [ledger, globals] = [new Ledger(), new GlobalLedger()];
  const tag = `h${process.pid}-${(played += 1)}`;
  const groups = new GroupsAtPlay(tenant, clouds.sites, (await clouds.member()).projectId, tag);
  const underWay = new Set<Promise<unknown>>();
  let made = 0;
  const newName = (): string => `${tag}-${(made += 1)}`;
  const send = (work: Promise<unknown>): void => {
    const settled = work.finally(() => underWay.delete(settled));
    underWay.add(settled);
  };
  const steps: { [Does in Step['does']]: (step: Step & { does: Does }) => Promise<void> | void } = {
    create: ({ kind, zone }) => {
      const name = newName();
      const { name: zoneName, imageId } = pick(clouds.sites, zone ?? 0);
      const place = { imageId, ...(zone === null ? {} : { zone: zoneName }) };
      send(tenant.create(kind, name, place).then((told) => ledger.created(kind, name, kinds[kind].key, told)));
    },
    rename: ({ kind, which }) => withId(ledger.known(kind), which, (id) => send(rename(tenant, kind, id))),
    show: ({ kind, which }) => withId(ledger.known(kind), which, (id) => send(tenant.show(kind, id))),
    delete: ({ kind, which }) =>
      withId(ledger.known(kind), which, (id) =>
        send(tenant.delete(kind, id).then((told) => ledger.deleted(kind, id, told, true))),
      ),
    act: ({ action, which }) => withId(ledger.known('server'), which, (id) => send(tenant.act(id, action))),
    'make global': ({ kind, which, times }) => send(makeAndDelete(kind, which, times)),
    'delete global': ({ kind, which }) => send(deleteGlobal(kind, which)),
    'boot with key pair': ({ which, zone }) => {
      const name = newName();
      const { name: zoneName, imageId } = pick(clouds.sites, zone);
      const place = { imageId, zone: zoneName, keyPair: globalKinds['key pair'].slot(tag, which % slots) };
      send(operator.create('server', name, place).then((told) => ledger.created('server', name, 'server', told)));
    },
    'make group': () => send(groups.make()),
    'admit group': ({ which, other }) => send(groups.admit(which, other)),
    'take rule': ({ which, other }) => send(groups.takeRule(which, other)),
    'join group': ({ which, zone }) => send(groups.join(which, zone)),
    'leave group': ({ which }) => send(groups.leave(which)),
    'delete group': ({ which }) => send(groups.remove(which)),
    'break copy there': ({ site, which }) => groups.breakThere(site, which),
    'make there': async ({ kind, site }) => {
      const { direct, imageId } = pick(clouds.sites, site);
      await direct.create(kind, newName(), { imageId });
    },
    'rename there': async ({ kind, site, which }) => {
      const { direct } = pick(clouds.sites, site);
      const chosen = await oneOf(direct, kind, which);
      if (chosen) await direct.rename(kind, chosen.id, `${original(chosen.name)}+${newName()}`);
    },
    'delete there': async ({ kind, site, which }) => {
      const { direct } = pick(clouds.sites, site);
      const chosen = await oneOf(direct, kind, which);
      if (chosen) ledger.deleted(kind, chosen.id, await direct.delete(kind, chosen.id), false);
    },
    suffer: ({ site, fault, scope }) => suffer(pick(clouds.sites, site).border, fault, scope),
    'suffer inside': ({ site, fault }) => pick(clouds.sites, site).insideFault(fault),
    heal: ({ site }) => heal(pick(clouds.sites, site)),
    'suffer at keystone': ({ fault }) => suffer(clouds.keystone, fault),
    'heal keystone': () => clouds.keystone.heal(),
    kill: ({ victim }) => cascade.kill(victim),
    wait: ({ ms }) => delay(ms),
  };
  const makeGlobal = (kind: GlobalName, which: number): Promise<void> => {
    const { slot, value, make } = globalKinds[kind];
    const [name, content] = [slot(tag, which % slots), value((made += 1))];
    const answered = globals.begin(kind, name, content);
    return make(operator, name, content).then(answered);
  };
  const deleteGlobal = (kind: GlobalName, which: number): Promise<void> => {
    const { slot, remove } = globalKinds[kind];
    const name = slot(tag, which % slots);
    const answered = globals.begin(kind, name, undefined);
    return remove(operator, name).then(answered);
  };
  const makeAndDelete = async (kind: GlobalName, which: number, times: number): Promise<void> => {
    for (let turn = 0; turn < times; turn += 1) await (turn % 2 === 0 ? makeGlobal : deleteGlobal)(kind, which);
  };
  const rename = async (api: OpenStackApi, kind: KindName, id: string): Promise<void> => {
    const { body } = await api.show(kind, id);
    const name = (body?.[kinds[kind].key] as Listed | undefined)?.name;
    if (name) await api.rename(kind, id, `${original(name)}+${newName()}`);
  };

  try {
    for (const step of history) {
      await (steps[step.does] as (step: Step) => Promise<void> | void)(step);
      await delay(breathMs);
      if (underWay.size >= atOnce) await Promise.race(underWay);
    }
  } finally {
    await Promise.all([cascade.whenReady(), ...clouds.sites.map(heal), clouds.keystone.heal()]);
  }
  await Promise.all(underWay);
  return { ledger, globals };
}

const suffer = (border: Border, fault: FaultName | 'refuse', scope?: Scope): Promise<void> | void =>
  fault === 'refuse' ? border.refuse() : border.suffer(fault, scope);

function heal({ border, insideFault }: SiteUnderTest): Promise<void> {
  insideFault(undefined);
  return border.heal();
}

const original = (name: string): string => name.split('+')[0]!;
const pick = <T>(all: readonly T[], index: number): T => all[index % all.length]!;

function withId(ids: readonly string[], which: number, then: (id: string) => void): void {
  if (ids.length > 0) then(pick(ids, which));
}

/** One of what a site has, by name, so that the same history chooses the same again. */
async function oneOf(site: OpenStackApi, kind: KindName, which: number): Promise<Listed | undefined> {
  const all = (await site.list(kind)).sort((a, b) => (a.name < b.name ? -1 : 1));
  return all.length > 0 ? pick(all, which) : undefined;
}
