/** The id of a volume type, group type or QoS specs in the cascade and at each site: the same at the site that made it, another elsewhere. */
import { translated, type Translation } from '../../globals/global-kind.js';
import { bodyOf, withBody, type OpenStackResponse } from '../../openstack/message.js';
import { isObject } from '../../openstack/body.js';
import type { World } from '../../routing/world.js';
import type { Site } from '../../sites/site.js';
import { zonesToGlobal, zonesToSite } from './zone-spec.js';

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const kinds = ['volume_type', 'volume_qos_specs', 'volume_group_type'];

interface IdRow {
  readonly site_id: number;
  readonly global_id: string;
  readonly site_resource_id: string;
}

const readIds = (world: World, siteId?: number): Promise<IdRow[]> =>
  world.database.many<IdRow>(
    `select site_id, global_id, site_resource_id from shadow
      where kind = any($1) and global_id <> site_resource_id and ($2::int is null or site_id = $2)`,
    [kinds, siteId ?? null],
  );

/** Between the cascade's ids and zones and one site's. */
export async function typeTranslation(world: World, site: Site): Promise<Translation> {
  const rows = await readIds(world, site.id);
  const toSite = new Map(rows.map((row) => [row.global_id, row.site_resource_id]));
  const toGlobal = new Map(rows.map((row) => [row.site_resource_id, row.global_id]));
  const zones = world.capacities.storage.zonesAt(site);
  return {
    toSite: (text) => zonesToSite(text, site.name, zones).replace(uuid, (id) => toSite.get(id) ?? id),
    toGlobal: (text) => zonesToGlobal(text, site.name, zones).replace(uuid, (id) => toGlobal.get(id) ?? id),
  };
}

/** Ids of volume types at all sites, for lists. */
export async function readTypeIds(world: World) {
  const rows = await readIds(world);
  const globals = new Map(rows.map((row) => [`${row.site_id}/${row.site_resource_id}`, row.global_id]));
  return {
    toGlobal: (siteId: number, id: string): string => globals.get(`${siteId}/${id}`) ?? id,
    atSites: (id: string): string[] => rows.filter((row) => row.global_id === id).map((row) => row.site_resource_id),
  };
}

/** Fields of a volume, a group or an attachment that name a type. */
const typeFields = new Set(['volume_type_id', 'volume_types', 'group_type', 'volume_type']);
/** Most answers have none of them but a type's name. */
const namesType = /"(volume_type_id|volume_types|group_type)"|"volume_type":\{/;

/** A site's answer about something that lives there, with the cascade's ids of types. */
export async function withGlobalTypes(
  world: World,
  response: OpenStackResponse,
  site: Site,
): Promise<OpenStackResponse> {
  const body = bodyOf(response);
  if (!isObject(body) || !namesType.test(response.body.toString())) return response;
  const { toGlobal } = await typeTranslation(world, site);
  return withBody(response, translateFields(body, toGlobal));
}

function translateFields(value: unknown, translate: (text: string) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => translateFields(one, translate));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      typeFields.has(key) && inner != null ? translated(inner, translate) : translateFields(inner, translate),
    ]),
  );
}
