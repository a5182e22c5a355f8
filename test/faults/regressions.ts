/** Histories that were not survived once. Each long run lives through them first. */
import { globalNames } from './global-kinds.js';
import type { History, Step } from './history.js';

export interface Regression {
  readonly why: string;
  readonly history: History;
}

const atBoth = (step: (site: number) => Step): History => [step(0), step(1)];

export const regressions: readonly Regression[] = [
  {
    why: 'a 200 without rows, when ids were compared, emptied the inventory of servers for good',
    history: [
      { does: 'suffer', site: 0, fault: 'emptyList', scope: 'reads' },
      { does: 'wait', ms: 12_000 },
      { does: 'heal', site: 0 },
    ],
  },
  {
    why: 'what changed behind a replica that lagged by more than the overlap was skipped',
    history: [
      { does: 'wait', ms: 1_000 },
      { does: 'suffer inside', site: 0, fault: 'lag' },
      { does: 'wait', ms: 1_000 },
      { does: 'rename there', kind: 'server', site: 0, which: 3 },
      { does: 'rename there', kind: 'volume', site: 0, which: 3 },
      { does: 'rename there', kind: 'network', site: 0, which: 3 },
      { does: 'wait', ms: 13_000 },
      { does: 'heal', site: 0 },
    ],
  },
  {
    why: 'what changed after a clock that had been ahead was put right was skipped until it came to the old time again',
    history: [
      { does: 'suffer inside', site: 0, fault: 'clock ahead' },
      { does: 'wait', ms: 3_000 },
      { does: 'heal', site: 0 },
      { does: 'rename there', kind: 'server', site: 0, which: 5 },
      { does: 'make there', kind: 'server', site: 0 },
      { does: 'make there', kind: 'volume', site: 0 },
    ],
  },
  {
    why: 'what changed while a clock was behind and nobody could reach the site was skipped for an hour',
    history: [
      { does: 'suffer', site: 0, fault: 'refuse', scope: 'everything' },
      { does: 'suffer inside', site: 0, fault: 'clock behind' },
      { does: 'rename there', kind: 'server', site: 0, which: 7 },
      { does: 'rename there', kind: 'volume', site: 0, which: 7 },
      { does: 'rename there', kind: 'network', site: 0, which: 7 },
      { does: 'wait', ms: 12_000 }, // so that the silence is noticed
      { does: 'heal', site: 0 },
    ],
  },
  {
    why: 'a deleted flavor or type came back from a list that had been read before',
    history: [
      ...atBoth((site) => ({ does: 'suffer', site, fault: 'slowAnswer', scope: 'reads' })),
      { does: 'make global', kind: 'flavor', which: 0, times: 4 },
      { does: 'make global', kind: 'volume type', which: 0, times: 4 },
      { does: 'make global', kind: 'flavor', which: 1, times: 2 },
      { does: 'make global', kind: 'volume type', which: 1, times: 2 },
      { does: 'wait', ms: 6_000 },
      ...atBoth((site) => ({ does: 'heal', site })),
    ],
  },
  {
    why: 'what was acknowledged, and could then not be read, was removed where it had just been made',
    history: [
      ...atBoth((site) => ({ does: 'suffer', site, fault: 'unavailable', scope: 'reads' })),
      { does: 'make global', kind: 'flavor', which: 0, times: 1 },
      { does: 'make global', kind: 'volume type', which: 0, times: 1 },
      { does: 'wait', ms: 600 },
      ...atBoth((site) => ({ does: 'heal', site })),
    ],
  },
  {
    why: 'a key pair or quota that one site made, whose answer was lost, stayed there and was nowhere else',
    history: [
      ...atBoth((site) => ({ does: 'suffer', site, fault: 'answerLost', scope: 'writes' })),
      ...globalNames.map((kind): Step => ({ does: 'make global', kind, which: 0, times: 5 })),
      { does: 'wait', ms: 600 },
      ...atBoth((site) => ({ does: 'heal', site })),
    ],
  },
];
