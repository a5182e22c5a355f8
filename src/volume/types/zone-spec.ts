/**
 * A volume type for some zones only: its extra spec names the cascade's zones to everybody, and each site's own to that
 * site. A site that is not among them keeps a name it does not know, and so refuses the type in Cinder's words.
 * @see openstack/cinder:doc/source/admin/availability-zone-type.rst
 */
import type { Translation } from '../../globals/global-kind.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';

const spec = /("RESKEY:availability_zones":\s*")((?:[^"\\]|\\.)*)(")/g;

export function zoneTranslation(world: World, site: Site): Translation {
  const zones = world.capacities.storage.zonesAt(site);
  return {
    toSite: (text) => zonesToSite(text, site.name, zones),
    toGlobal: (text) => zonesToGlobal(text, site.name, zones),
  };
}

/** @param own the site's own zones */
export const zonesToSite = (text: string, siteName: string, own: readonly string[]): string =>
  inEach(text, (zones) => zones.flatMap((zone) => (zone === siteName ? own : [zone])));

export const zonesToGlobal = (text: string, siteName: string, own: readonly string[]): string =>
  inEach(text, (zones) => [...new Set(zones.map((zone) => (own.includes(zone) ? siteName : zone)))]);

function inEach(text: string, change: (zones: string[]) => readonly string[]): string {
  return text.replace(spec, (_all, before: string, value: string, after: string) => {
    const zones = value.split(',').map((zone) => zone.trim());
    return before + change(zones).join(',') + after;
  });
}
