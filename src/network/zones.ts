/** `GET /availability_zones`, and the zone that a new network or router is asked to be in. */
import { Fault } from '../openstack/faults.js';
import { json } from '../openstack/message.js';
import type { Answer } from '../openstack/route.js';
import { allZones } from '../routing/zones.js';
import type { World } from '../routing/world.js';

/** Each zone once for networks and once for routers. */
export function listZones(world: World): Answer {
  return async ({ query }) => {
    const answering = new Set(world.sites.answering('network').map((site) => site.id));
    const rows = (await allZones(world)).flatMap(({ name, siteIds }) => {
      const state = siteIds.some((id) => answering.has(id)) ? 'available' : 'unavailable';
      return [
        { state, name, resource: 'network' },
        { state, name, resource: 'router' },
      ];
    });
    const matches = (row: Record<string, string>): boolean =>
      ['name', 'resource', 'state'].every((key) => !query.has(key) || query.getAll(key).includes(row[key] ?? ''));
    const fields = query.getAll('fields').filter(Boolean);
    const shown = rows.filter(matches).map((row) => {
      return fields.length === 0
        ? row
        : Object.fromEntries(Object.entries(row).filter(([key]) => fields.includes(key)));
    });
    return json(200, { availability_zones: shown });
  };
}

/**
 * The zone in `availability_zone_hints`. It is ours and taken out: sites do not know it.
 * @throws Fault 400 for several zones, since a network is in one; later they are a network over both
 */
export function takeHint(items: readonly Record<string, unknown>[]): string | undefined {
  const zones = new Set<string>();
  for (const item of items) {
    const hints = item['availability_zone_hints'];
    if (!Array.isArray(hints) || !hints.every((hint) => typeof hint === 'string')) continue; // the site refuses it
    hints.forEach((hint: string) => zones.add(hint));
    delete item['availability_zone_hints'];
  }
  if (zones.size > 1) {
    const words = `availability_zone_hints: ${[...zones].join(', ')}: one request is for one availability zone.`;
    throw new Fault('bad-request', words, { type: 'InvalidInput' });
  }
  return [...zones][0];
}
