/** When a resource was made and last changed, as its site says. */
import type { Body, Kind } from './kind.js';

export interface Times {
  readonly created: Date | undefined;
  readonly updated: Date | undefined;
}

export function timesOf(kind: Kind, body: Body): Times {
  const told = kind.timesOf?.(body) ?? { created: body['created_at'], updated: body['updated_at'] };
  return { created: timeOf(told.created), updated: timeOf(told.updated) };
}

// Nova writes Z, Cinder and Neutron's tags none; all of them mean UTC, where a time without a zone would be our own.
function timeOf(text: unknown): Date | undefined {
  if (typeof text !== 'string') return undefined;
  const time = new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
