/** What `cascade image` asks for: where images are, and when and how they get there. */
import type { FastifyInstance } from 'fastify';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { mergeImages } from '../copies/merge.js';
import { showCopies, showImage } from '../copies/views.js';
import type { World } from '../routing/world.js';
import { bodyAs } from './body-as.js';
import { copyImageBody, imagePolicyBody, mergeImageBody } from './image-schemas.js';

interface OfImage {
  Params: { id: string };
}

export function imageRoutes(server: FastifyInstance, world: World): void {
  const { copies, database, sites } = world;
  const siteIdOf = (name: string): number => sites.viewByName(name).id;

  server.get<{ Querystring: { state?: string } }>('/image-copies', async (request) => ({
    copies: await showCopies(database, { state: request.query.state }),
  }));
  server.get<OfImage>('/images/:id', async (request) => ({
    image: await showImage(database, copies, request.params.id),
  }));
  server.post<OfImage>('/images/:id/copies', async (request, reply) => {
    const { id } = request.params;
    const { site } = await bodyAs(request, copyImageBody);
    const siteId = siteIdOf(site);
    const image = await world.inventory.find('image', id);
    if (!image) throw new Fault('not-found', `There is no image ${id}.`);
    if (image.site_id === siteId) throw new Fault('conflict', `The home of image ${id} is ${site}.`);
    await copies.begin({ imageId: id, siteId }, image.site_id, true);
    return reply.code(202).send({ copies: await showCopies(database, { imageId: id }) });
  });
  server.post<OfImage>('/images/:id/merge', async (request) => {
    const { with: otherId } = await bodyAs(request, mergeImageBody);
    await mergeImages(copies, request.params.id, otherId);
    return { image: await showImage(database, copies, request.params.id) };
  });

  const policies = async () => ({
    usual: copies.policies.usual.mode,
    usual_method: copies.policies.usual.method,
    policies: (await copies.policies.all()).map(({ image_id: image, site_id: siteId, mode, method }) => ({
      image: image || null,
      site: siteId === null ? null : (sites.byId(siteId)?.name ?? `#${siteId}`),
      mode,
      method,
    })),
  });
  server.get('/image-policies', policies);
  server.put('/image-policies', async (request) => {
    const { image, site, mode, method } = await bodyAs(request, imagePolicyBody);
    await copies.policies.set(image ?? '', site === null ? null : siteIdOf(site), { mode, method });
    return policies();
  });
}
