/** The catalog from the stored services and endpoints; the cascade's own are among them. */
import type { Queryable } from '../../../database/queryable.js';
import { cascadeCatalog } from '../../catalog.js';
import { insertItem, refTo, updateItem, type Body, type Kind } from '../collection/items.js';

// The cascade's own URLs are what the caller sees it under; projects stand in URLs as in any Keystone.
const publicUrlMark = '$(public_url)s';
const projectMark = '$(project_id)s';
const projectMarks = /[$%]\((project_id|tenant_id)\)s/g;

export const shownUrl = (url: string, publicUrl: string): string => url.replace(publicUrlMark, publicUrl);

interface Row {
  service: Body;
  endpoints: Body[];
}

/** @param projectId without one, endpoints that need it are left out, as Keystone does */
export async function storedCatalog(db: Queryable, publicUrl: string, projectId?: string): Promise<Body[]> {
  const rows = await db.many<Row>(
    `select s.body as service, coalesce(jsonb_agg(e.body order by e.number) filter (where e.ref is not null), '[]') as endpoints
       from identity_item s left join identity_item e
         on e.service_ref = s.ref and e.kind = 'endpoint' and e.body->>'enabled' <> 'false'
      where s.kind = 'service' and s.body->>'enabled' <> 'false'
      group by s.ref order by s.number`,
  );
  return rows.flatMap(({ service, endpoints }) => {
    const shown = endpoints
      .filter(({ url }) => projectId !== undefined || !new RegExp(projectMarks).test(String(url)))
      .map(({ id, interface: face, region_id: region, url }) => ({
        id,
        interface: face,
        region,
        region_id: region,
        url: shownUrl(String(url), publicUrl).replace(projectMarks, projectId ?? ''),
      }));
    // One that has none at all Keystone shows as well.
    if (shown.length === 0 && endpoints.length > 0) return [];
    return [{ id: service['id'], type: service['type'], name: service['name'], endpoints: shown }];
  });
}

/** Makes the cascade's own region, services and endpoints what this program has. */
export async function storeOwnCatalog(tx: Queryable, region: string): Promise<void> {
  await put(tx, 'region', region, { description: '', parent_region_id: null });
  for (const { id, type, name, endpoints } of cascadeCatalog(publicUrlMark, region, projectMark)) {
    await put(tx, 'service', id, { type, name, description: '', enabled: true });
    for (const endpoint of endpoints) {
      const { interface: face, region_id, url } = endpoint;
      await put(tx, 'endpoint', endpoint.id, { service_id: id, interface: face, region_id, url, enabled: true });
    }
  }
}

async function put(tx: Queryable, kind: Kind, id: string, fields: Body): Promise<void> {
  const body = { id, ...fields };
  if (await updateItem(tx, refTo(kind, id), body, null)) return;
  await insertItem(tx, { kind, id, body, uniqueKey: null });
}
