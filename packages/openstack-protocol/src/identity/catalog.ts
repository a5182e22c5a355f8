/** The catalog of one cloud: its own endpoints, in its own region. */
import { createHash } from 'node:crypto';
import type { CatalogEntry } from '../client/catalog.js';
import type { Service } from '../service.js';

interface Endpoint {
  readonly id: string;
  readonly interface: 'public' | 'internal' | 'admin';
  readonly region: string;
  readonly region_id: string;
  readonly url: string;
}

export interface CatalogService extends CatalogEntry {
  readonly id: string;
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
}

export interface CatalogOf {
  readonly services: readonly Service[];
  readonly region: string;
  /** What ids are made from, beside type and interface: each cloud's own, and the same whenever it is asked. */
  readonly idsOf: string;
  readonly publicUrl: string;
  /** Of the token; without one the entries that need it are left out, as Keystone does. */
  readonly projectId: string | undefined;
}

export function catalogOf({ services, region, idsOf, publicUrl, projectId }: CatalogOf): CatalogService[] {
  return services.flatMap(({ name: service, catalog }) =>
    catalog
      .filter(({ endsInProject }) => projectId !== undefined || !endsInProject)
      .map(({ type, name, path, endsInProject }) => ({
        id: idOf(idsOf, type),
        type,
        name,
        endpoints: (['public', 'internal', 'admin'] as const).map((face) => ({
          id: idOf(idsOf, type, face),
          interface: face,
          region,
          region_id: region,
          url: `${publicUrl}/${service}${path}${endsInProject ? `/${projectId}` : ''}`,
        })),
      })),
  );
}

const idOf = (...parts: readonly string[]): string => createHash('md5').update(parts.join('/')).digest('hex');
