/** The faults a cloud has at the moment. */
import type { ServiceName } from '@cascade/openstack-protocol/service.js';
import type { Clock } from '../clock.js';
import { faultSpec, type AskedFault, type FaultKind, type FaultSpec } from './fault-spec.js';

interface Active {
  readonly spec: FaultSpec;
  /** By `Date.now()`: a skewed clock does not prolong a fault. */
  readonly until: number;
}

export class Faults {
  private readonly active = new Map<FaultKind, Active>();
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    /** From 0 up to 1: decides which requests are hit. */
    private readonly draw: () => number,
  ) {}

  /** Called whenever a fault begins or ends. */
  watch(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** In place of another of its kind. @throws ZodError */
  set(asked: AskedFault): FaultSpec {
    const spec = faultSpec.parse(asked);
    const ms = spec.seconds === undefined ? Infinity : spec.seconds * 1000;
    this.active.set(spec.kind, { spec, until: Date.now() + ms });
    if (spec.seconds !== undefined) this.clock.later(ms, () => this.changed());
    this.changed();
    return spec;
  }

  clear(kind?: FaultKind): void {
    if (kind === undefined) this.active.clear();
    else this.active.delete(kind);
    this.changed();
  }

  list(): FaultSpec[] {
    const now = Date.now();
    for (const [kind, { until }] of this.active) if (until <= now) this.active.delete(kind);
    return [...this.active.values()].map(({ spec }) => spec);
  }

  find(kind: FaultKind): FaultSpec | undefined {
    return this.list().find((spec) => spec.kind === kind);
  }

  /** The fault of that kind that hits a request, if one does. */
  hitting(kind: FaultKind, service: ServiceName | undefined, method: string): FaultSpec | undefined {
    if (this.active.size === 0) return undefined;
    const spec = this.find(kind);
    if (!spec) return undefined;
    if (spec.services && !spec.services.includes(service as 'compute')) return undefined;
    if (spec.methods && !spec.methods.includes(method as 'GET')) return undefined;
    return spec.share >= 1 || this.draw() < spec.share ? spec : undefined;
  }

  private changed(): void {
    this.clock.skewMs = (this.find('clock-skew')?.skew_seconds ?? 0) * 1000;
    for (const listener of this.listeners) listener();
  }
}
