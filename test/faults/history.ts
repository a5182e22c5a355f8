/** Random histories: what tenants, operators of sites, networks and machines do, step by step. */
import fc from 'fast-check';
import type { Scope } from './border.js';
import { insideFaults, type InsideFault } from './clouds.js';
import { faults, type FaultName } from './faults.js';
import { globalNames, type GlobalName } from './global-kinds.js';
import { kindNames, type KindName } from './kinds.js';
import type { Victim } from './running-cascade.js';

/** `which` and `site` are taken modulo how many there are when the step comes. */
export type Step =
  | { readonly does: 'create'; readonly kind: KindName; readonly zone: number | null }
  | { readonly does: 'rename' | 'delete' | 'show'; readonly kind: KindName; readonly which: number }
  | { readonly does: 'act'; readonly action: 'os-stop' | 'os-start'; readonly which: number }
  /** An administrator's, of what every site has. */
  | { readonly does: 'delete global'; readonly kind: GlobalName; readonly which: number }
  /** Made, deleted, made again … under one id or name, each once the one before is answered. */
  | { readonly does: 'make global'; readonly kind: GlobalName; readonly which: number; readonly times: number }
  /** Brings a key pair to a site. */
  | { readonly does: 'boot with key pair'; readonly which: number; readonly zone: number }
  /** With security groups, one of which is `which`. */
  | { readonly does: 'make group' }
  | { readonly does: 'admit group' | 'take rule'; readonly which: number; readonly other: number }
  | { readonly does: 'join group'; readonly which: number; readonly zone: number }
  | { readonly does: 'leave group' | 'delete group'; readonly which: number }
  | { readonly does: 'break copy there'; readonly site: number; readonly which: number }
  /** Behind the cascade's back. */
  | { readonly does: 'make there'; readonly kind: KindName; readonly site: number }
  | {
      readonly does: 'rename there' | 'delete there';
      readonly kind: KindName;
      readonly site: number;
      readonly which: number;
    }
  | { readonly does: 'suffer'; readonly site: number; readonly fault: FaultName | 'refuse'; readonly scope: Scope }
  | { readonly does: 'suffer inside'; readonly site: number; readonly fault: InsideFault }
  | { readonly does: 'heal'; readonly site: number }
  | { readonly does: 'suffer at keystone'; readonly fault: KeystoneFault }
  | { readonly does: 'heal keystone' }
  | { readonly does: 'kill'; readonly victim: Victim }
  | { readonly does: 'wait'; readonly ms: number };

/** What a Keystone suffers: it is silent, gone, overloaded or slow, or knows no token for a while. */
export const keystoneFaults = ['blackhole', 'refuse', 'unavailable', 'latency', 'unauthorized'] as const;
export type KeystoneFault = (typeof keystoneFaults)[number];

export type History = readonly Step[];

/** Of each kind of global resources: few, so that most requests meet what earlier ones left. */
export const slots = 2;

const few = fc.nat(99);
const site = fc.nat(7);
const slot = fc.nat(slots - 1);
const global = fc.constantFrom(...globalNames);
const kind = fc.constantFrom(...kindNames);
const scope = fc.constantFrom<Scope>('everything', 'reads', 'writes');
const struck = fc.constantFrom<FaultName | 'refuse'>(
  ...(Object.keys(faults) as FaultName[]).filter((name) => name !== 'none'),
  'refuse',
);
const word = <T extends string>(does: T) => fc.constant(does);

const steps = {
  create: fc.record({ does: word('create'), kind, zone: fc.option(site, { freq: 2 }) }),
  touch: fc.record({ does: fc.constantFrom('rename', 'delete', 'show'), kind, which: few }),
  act: fc.record({ does: word('act'), action: fc.constantFrom('os-stop', 'os-start'), which: few }),
  makeGlobal: fc.record({
    does: word('make global'),
    kind: global,
    which: slot,
    times: fc.integer({ min: 1, max: 5 }),
  }),
  deleteGlobal: fc.record({ does: word('delete global'), kind: global, which: slot }),
  bootWithKeyPair: fc.record({ does: word('boot with key pair'), which: slot, zone: site }),
  makeGroup: fc.record({ does: word('make group') }),
  changeGroup: fc.record({ does: fc.constantFrom('admit group', 'take rule'), which: few, other: few }),
  joinGroup: fc.record({ does: word('join group'), which: few, zone: site }),
  leaveGroup: fc.record({ does: fc.constantFrom('leave group', 'delete group'), which: few }),
  breakCopy: fc.record({ does: word('break copy there'), site, which: few }),
  make: fc.record({ does: word('make there'), kind, site }),
  change: fc.record({ does: fc.constantFrom('rename there', 'delete there'), kind, site, which: few }),
  suffer: fc.record({ does: word('suffer'), site, fault: struck, scope }),
  sufferInside: fc.record({ does: word('suffer inside'), site, fault: fc.constantFrom(...insideFaults) }),
  heal: fc.record({ does: word('heal'), site }),
  sufferAtKeystone: fc.record({ does: word('suffer at keystone'), fault: fc.constantFrom(...keystoneFaults) }),
  healKeystone: fc.record({ does: word('heal keystone') }),
  kill: fc.record({ does: word('kill'), victim: fc.constantFrom<Victim>('api', 'worker', 'database') }),
  wait: fc.record({ does: word('wait'), ms: fc.integer({ min: 50, max: 1_500 }) }),
};

export interface HistoryShape {
  readonly length: number;
  /** Whether processes are killed, which takes half a minute to recover from. */
  readonly kills: boolean;
}

export const histories = ({ length, kills }: HistoryShape): fc.Arbitrary<History> =>
  fc.array(
    fc.oneof(
      { weight: 8, arbitrary: steps.create },
      { weight: 6, arbitrary: steps.touch },
      { weight: 2, arbitrary: steps.act },
      { weight: 9, arbitrary: steps.makeGlobal },
      { weight: 5, arbitrary: steps.deleteGlobal },
      { weight: 2, arbitrary: steps.bootWithKeyPair },
      { weight: 3, arbitrary: steps.makeGroup },
      { weight: 6, arbitrary: steps.changeGroup },
      { weight: 5, arbitrary: steps.joinGroup },
      { weight: 3, arbitrary: steps.leaveGroup },
      { weight: 2, arbitrary: steps.breakCopy },
      { weight: 4, arbitrary: steps.make },
      { weight: 6, arbitrary: steps.change },
      { weight: 5, arbitrary: steps.suffer },
      { weight: 2, arbitrary: steps.sufferInside },
      { weight: 3, arbitrary: steps.heal },
      { weight: 1, arbitrary: steps.sufferAtKeystone },
      { weight: 2, arbitrary: steps.healKeystone },
      { weight: kills ? 1 : 0, arbitrary: steps.kill },
      { weight: 4, arbitrary: steps.wait },
    ),
    { minLength: Math.ceil(length / 2), maxLength: length, size: 'max' },
  ) as fc.Arbitrary<History>;
