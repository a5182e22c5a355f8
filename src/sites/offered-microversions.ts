/**
 * The microversions that tenants are offered: up to the newest that one of the sites has. Many clients take the newest they are
 * offered, whether they know it or not (Heat of Zed asks for what it finds, and fails on a Nova whose 2.101 answers an
 * attachment with an empty body), so a cascade over clouds of one age is a cloud of that age. An operator whose clients are
 * older than the newest site sets a limit.
 */
import { z } from 'zod';
import { atLeast, older, parseMicroversion } from '@cascade/openstack-protocol/microversion.js';
import type { FrontDoor } from '@cascade/openstack-protocol/server/front-door.js';
import type { ServiceName } from '@cascade/openstack-protocol/service-name.js';
import { serviceOf, services } from '@cascade/openstack-protocol/services.js';
import type { Site } from './site.js';

/** Of services whose steps are known; what the cascade answers by itself does not depend on sites. Asked anew for each request. */
export const offeredMicroversions = (
  sites: () => readonly Site[],
  limits: MicroversionLimits = {},
): NonNullable<FrontDoor['microversions']> =>
  Object.defineProperties(
    {},
    Object.fromEntries(withSteps.map((name) => [name, { get: () => atMost(limits[name], offered(name, sites())) }])),
  );

const withSteps = services.filter(({ steps }) => steps).map(({ name }) => name);

/** By service, the newest microversion that tenants are offered. */
export type MicroversionLimits = Readonly<Partial<Record<ServiceName, string>>>;

/** Reads `compute=2.93,volume=3.70`; what is wrong is said to `context`. */
export function microversionLimits(text: string, context: z.RefinementCtx): MicroversionLimits {
  const limits: Partial<Record<ServiceName, string>> = {};
  for (const pair of text.split(',').filter(Boolean)) {
    const [service, limit = ''] = pair.split('=').map((part) => part.trim());
    const name = withSteps.find((one) => one === service);
    const range = name && serviceOf(name).microversions;
    if (!name || !range || !atLeast(parseMicroversion(limit), range.min)) {
      context.addIssue(`"${pair}" is not of the form SERVICE=MICROVERSION (${withSteps.join(', ')}), as compute=2.93`);
      return z.NEVER;
    }
    limits[name] = limit;
  }
  return limits;
}

const atMost = (limit: string | undefined, range: { min: string; max: string }): { min: string; max: string } =>
  limit === undefined ? range : { ...range, max: older(range.max, limit) };

/** Where no site says what it has, everything that this program knows. */
function offered(name: ServiceName, sites: readonly Site[]): { min: string; max: string } {
  const { min = '', max = '' } = serviceOf(name).microversions ?? {};
  // Many sites have few releases; each is compared once.
  const known = [...new Set(sites.flatMap(({ capabilities }) => capabilities.microversions[name]?.max ?? []))];
  if (known.length === 0) return { min, max };
  const newest = known.reduce((best, one) => (atLeast(parseMicroversion(one), best) ? one : best));
  return { min, max: atLeast(parseMicroversion(newest), max) ? max : newest };
}
