/**
 * What was asked of the cascade about global resources, and what may be there in the end. Each slot is a register that
 * requests write. A request that was refused has written nothing; one without an answer, or with a 5xx, may write at any time
 * after it was sent; and of requests that were under way at once any may be the last.
 */
import { globalKinds, globalNames, type GlobalName, type Values } from './global-kinds.js';
import type { Told } from './openstack-api.js';

interface Write {
  readonly kind: GlobalName;
  readonly slot: string;
  /** Undefined for a deletion. */
  readonly value: string | undefined;
  readonly begun: number;
  /** Undefined for a request without an answer. */
  status?: number | undefined;
  /** Infinite while the answer is not known. */
  ended: number;
}

/** A place where slots are read: the cascade's list, or that of a site. */
export interface Place {
  readonly name: string;
  readonly isCascade: boolean;
  readonly values: Readonly<Record<GlobalName, Values>>;
}

export class GlobalLedger {
  private readonly writes: Write[] = [];
  private time = 0;

  /** @returns to be called with the answer */
  begin(kind: GlobalName, slot: string, value: string | undefined): (told: Told | undefined) => void {
    const write: Write = { kind, slot, value, begun: (this.time += 1), ended: Infinity };
    this.writes.push(write);
    return (told) => {
      if (told === undefined) this.writes.splice(this.writes.indexOf(write), 1); // nothing was sent
      write.status = told?.status;
      if (told?.status !== undefined && told.status < 500) write.ended = this.time += 1;
    };
  }

  slots(kind: GlobalName): string[] {
    return [...new Set(this.writes.filter((one) => one.kind === kind).map(({ slot }) => slot))];
  }

  /** @returns one sentence for each slot that has what was not promised, or not the same everywhere */
  audit(places: readonly Place[]): string[] {
    return globalNames.flatMap((kind) => this.slots(kind).flatMap((slot) => this.auditSlot(kind, slot, places)));
  }

  private auditSlot(kind: GlobalName, slot: string, places: readonly Place[]): string[] {
    const { initial, isOnDemand = false } = globalKinds[kind];
    const found = places.map(({ name, isCascade, values }) => ({ name, isCascade, value: values[kind].get(slot) }));
    const held = found.find(({ isCascade }) => isCascade)?.value;
    const writes = this.writes.filter((one) => one.kind === kind && one.slot === slot);
    const allowed = lastOf(writes).map(({ value }) => value ?? initial);
    if (!writes.some(isAcknowledged)) allowed.push(initial);
    const isWrong =
      !allowed.includes(held) ||
      found.some(({ value, isCascade }) => value !== held && (isCascade || value !== undefined || !isOnDemand));
    if (!isWrong) return [];
    const words = (value: string | undefined): string => value ?? 'nothing';
    const there = found.map(({ name, value }) => `${name} has ${words(value)}`).join(', ');
    const asked = writes.map(
      (one) => `${words(one.value)} (${one.begun} to ${one.ended}): ${one.status ?? 'no answer'}`,
    );
    return [`${kind} ${slot}: ${there}; allowed: ${allowed.map(words).join(' or ')}; asked: ${asked.join(', ')}`];
  }
}

const isRefused = ({ status }: Write): boolean => status !== undefined && status >= 400 && status < 500;
const isAcknowledged = ({ status }: Write): boolean => status !== undefined && status < 400;

/** Those after which no other was certainly written. */
const lastOf = (writes: readonly Write[]): Write[] =>
  writes.filter((one) => !isRefused(one) && !writes.some((other) => isAcknowledged(other) && other.begun > one.ended));
