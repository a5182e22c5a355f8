/** Ways in which a cloud can fail, as they are asked for. */
import { z } from 'zod';

export const faultKinds = [
  /** Takes connections and requests, and never answers. */
  'silent',
  /** Nobody listens. */
  'refused',
  /** Answers `delay_ms` later. */
  'slow',
  /** Answers `status` in place of anything else. */
  'errors',
  /** Half of each JSON answer is missing. */
  'truncated',
  /** Lists show what they showed `lag_seconds` ago, where they were asked for then. */
  'stale',
  /** Each page is the first one. */
  'repeated-page',
  /** Microversions are refused with 406 or, with `how: header`, answers claim the oldest one. */
  'wrong-microversion',
  /** Version documents claim the range from `min` to `max`, whatever the service takes. */
  'wrong-versions',
  /** No token is good. */
  'unauthorized',
  /** The clock is `skew_seconds` ahead. */
  'clock-skew',
  /** What was asked is done, and the connection breaks before the answer. */
  'answer-lost',
] as const;

export type FaultKind = (typeof faultKinds)[number];

const services = ['identity', 'compute', 'volume', 'network', 'image', 'placement'] as const;

export const faultSpec = z.strictObject({
  kind: z.enum(faultKinds),
  /** Share of the requests that it hits. */
  share: z.number().gt(0).max(1).default(1),
  /** All where it is absent. */
  services: z.array(z.enum(services)).min(1).optional(),
  methods: z
    .array(z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']))
    .min(1)
    .optional(),
  /** Until it ends by itself. */
  seconds: z.number().positive().max(86_400).optional(),
  delay_ms: z.number().nonnegative().max(600_000).default(2_000),
  status: z.union([z.literal(500), z.literal(502), z.literal(503)]).default(503),
  lag_seconds: z.number().positive().max(86_400).default(60),
  skew_seconds: z.number().min(-86_400).max(86_400).default(300),
  min: z.string().max(100).default('2.1'),
  max: z.string().max(100).default('2.200'),
  how: z.enum(['406', 'header']).default('406'),
});

export type FaultSpec = z.infer<typeof faultSpec>;
/** As it is asked for: what has a default may be left out. */
export type AskedFault = z.input<typeof faultSpec>;
