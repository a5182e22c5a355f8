/** The catalog as rows that administrators list. */
import { json } from '@cascade/openstack-protocol/message.js';
import { catalogOfCloud, type CatalogOwner } from './catalog.js';
import { filtered, found, row, type IdentityAsked, type IdentityRoute } from './identity-request.js';

type Body = Record<string, unknown>;

export function catalogRoutes(cloud: CatalogOwner): IdentityRoute[] {
  // Endpoints are templates there, as operators write them.
  const services = ({ request }: IdentityAsked) => catalogOfCloud(cloud, request.publicUrl, '%(project_id)s');
  const serviceBody = (
    { url }: IdentityAsked,
    { id, type, name }: { id: string; type: string; name: string },
  ): Body => ({
    id,
    type,
    name,
    enabled: true,
    description: '',
    links: { self: `${url}/services/${id}` },
  });
  const endpointBodies = (asked: IdentityAsked): Body[] =>
    services(asked).flatMap((service) =>
      service.endpoints.map((endpoint) => ({
        ...endpoint,
        service_id: service.id,
        enabled: true,
        links: { self: `${asked.url}/endpoints/${endpoint.id}` },
      })),
    );
  const regions = ({ url }: IdentityAsked): Body[] => [
    { id: cloud.region, description: '', parent_region_id: null, links: { self: `${url}/regions/${cloud.region}` } },
  ];
  const collection = (key: string, one: string, rows: (asked: IdentityAsked) => Body[]): IdentityRoute[] => [
    row(`GET /${key}`, 'somebody', (asked) =>
      json(200, {
        [key]: filtered(asked, rows(asked)),
        links: { self: `${asked.url}/${key}`, previous: null, next: null },
      }),
    ),
    row(`GET /${key}/{id}`, 'somebody', (asked) => {
      const { id = '' } = asked.params;
      return json(200, {
        [one]: found(
          rows(asked).find((body) => body['id'] === id),
          one,
          id,
        ),
      });
    }),
  ];
  return [
    ...collection('services', 'service', (asked) => services(asked).map((service) => serviceBody(asked, service))),
    ...collection('endpoints', 'endpoint', endpointBodies),
    ...collection('regions', 'region', regions),
  ];
}
