/** The operator's API in OpenAPI 3.1, made from the schemas that check its bodies. */
import { z } from 'zod';
import {
  copyImageBody,
  imagePolicyBody,
  mergeImageBody,
  shownCopy,
  shownImage,
  shownPolicies,
} from './image-schemas.js';
import {
  changeInterconnectBody,
  newInterconnectBody,
  shownInterconnect,
  shownInterconnectInFull,
} from './interconnect-schemas.js';
import { adoptQuotasBody, changeSiteBody, exportedSite, newSiteBody, shownFeed, siteProgress } from './schemas.js';

const answer = (description: string, schema?: z.ZodType) => ({
  description,
  content: { 'application/json': schema ? { schema: z.toJSONSchema(schema) } : {} },
});
const name = { name: 'name', in: 'path', required: true, schema: { type: 'string' } };
const body = (schema: z.ZodType) => ({
  required: true,
  content: { 'application/json': { schema: z.toJSONSchema(schema, { io: 'input' }) } },
});
const feedOfSite = shownFeed.omit({ rows: true }).extend({ site: z.string() });
const interconnectInFull = z.object({ interconnect: shownInterconnectInFull });
const adoption = z.object({ adopted: z.int().describe('Quotas of one service for one project') });

export const openApi = () => ({
  openapi: '3.1.0',
  info: {
    title: 'Cascade operator API',
    version: 'v1',
    description: 'Needs a token with the admin role in X-Auth-Token.',
  },
  servers: [{ url: '/cascade/v1' }],
  paths: {
    '/sites': {
      get: {
        summary: 'All sites with state, health, capabilities and the age of what is known of them',
        responses: { 200: answer('sites') },
      },
      post: {
        summary: 'Add a cloud as a site',
        requestBody: body(newSiteBody),
        responses: {
          201: answer('the site, and warnings in plain words'),
          400: answer('what keeps the cloud from being a site'),
          409: answer('the name or the cloud is a site already'),
        },
      },
    },
    '/sites/{name}': {
      parameters: [name],
      get: {
        summary: 'One site, and how far it has been read',
        responses: { 200: answer('the site', z.object({ site: siteProgress })), 404: answer('no such site') },
      },
      patch: { summary: 'Change the state', requestBody: body(changeSiteBody), responses: { 200: answer('the site') } },
      delete: {
        summary: 'Remove a site; refused while it holds resources',
        parameters: [{ name: 'forget_resources', in: 'query', schema: { type: 'boolean' } }],
        responses: { 204: { description: 'removed' }, 409: answer('it holds resources') },
      },
    },
    '/sites/{name}/rebuild': {
      parameters: [name],
      post: {
        summary: 'Have all that is known of a site read anew; lists go on meanwhile',
        responses: { 202: answer('the feeds that will be read'), 404: answer('no such site') },
      },
    },
    '/export': {
      get: {
        summary: 'What another cascade needs to have the same sites',
        parameters: [{ name: 'sealed', in: 'query', schema: { type: 'boolean' } }],
        responses: { 200: answer('sites', z.object({ sites: z.array(exportedSite) })) },
      },
    },
    '/globals': {
      get: {
        summary: 'How many resources of each kind are the same in every site',
        responses: { 200: answer('counts by kind', z.object({ globals: z.record(z.string(), z.int()) })) },
      },
    },
    '/quotas/projects': {
      get: {
        summary: 'Projects that have something in a site',
        responses: { 200: answer('their ids', z.object({ projects: z.array(z.string()) })) },
      },
    },
    '/quotas/adopt': {
      post: {
        summary: 'Take over the quotas that one site holds for some projects, where none is known',
        requestBody: body(adoptQuotasBody),
        responses: { 200: answer('how many were adopted', adoption) },
      },
    },
    '/placements/{id}': {
      parameters: [{ ...name, name: 'id' }],
      get: { summary: 'Why a resource is in its zone', responses: { 200: answer('placements') } },
    },
    '/images/{id}': {
      parameters: [{ ...name, name: 'id' }],
      get: {
        summary: 'An image: its home, its copies and how far they have come',
        responses: { 200: answer('the image', z.object({ image: shownImage })), 404: answer('no such image') },
      },
    },
    '/images/{id}/copies': {
      parameters: [{ ...name, name: 'id' }],
      post: {
        summary: 'Copy an image to a site, whatever its policy',
        requestBody: body(copyImageBody),
        responses: {
          202: answer('its copies', z.object({ copies: z.array(shownCopy) })),
          404: answer('no such image, or site'),
          409: answer('the site is its home'),
        },
      },
    },
    '/images/{id}/merge': {
      parameters: [{ ...name, name: 'id' }],
      post: {
        summary: 'Make an image of another site, with the same name and bytes, a copy of this one',
        requestBody: body(mergeImageBody),
        responses: {
          200: answer('the image', z.object({ image: shownImage })),
          404: answer('no such image'),
          409: answer('why they are not the same'),
        },
      },
    },
    '/image-copies': {
      get: {
        summary: 'Copies of all images, those that changed last first',
        parameters: [{ name: 'state', in: 'query', schema: { type: 'string' } }],
        responses: { 200: answer('copies', z.object({ copies: z.array(shownCopy) })) },
      },
    },
    '/image-policies': {
      get: {
        summary: 'When and how images are copied to sites',
        responses: { 200: answer('policies', shownPolicies) },
      },
      put: {
        summary: 'Set mode and method for an image or all, to a site or all; the most specific policy wins',
        requestBody: body(imagePolicyBody),
        responses: { 200: answer('all policies', shownPolicies), 404: answer('no such site') },
      },
    },
    '/interconnects': {
      get: {
        summary: 'What joins the networks of several sites',
        responses: { 200: answer('interconnects', z.object({ interconnects: z.array(shownInterconnect) })) },
      },
      post: {
        summary: 'Say what joins the networks of several sites; the sites are looked at',
        requestBody: body(newInterconnectBody),
        responses: {
          201: answer('the interconnect, with warnings in plain words', interconnectInFull),
          400: answer('what is wrong with it'),
          404: answer('no such site'),
          409: answer('the name is used, or another interconnect gives out these numbers in one of the sites'),
        },
      },
    },
    '/interconnects/{name}': {
      parameters: [name],
      get: {
        summary: 'One interconnect: which networks have which segments, and what is amiss at its sites',
        responses: { 200: answer('the interconnect', interconnectInFull), 404: answer('no such interconnect') },
      },
      patch: {
        summary: 'Add and remove sites and ranges; make it the default',
        requestBody: body(changeInterconnectBody),
        responses: {
          200: answer('the interconnect', interconnectInFull),
          400: answer('what is wrong with the change'),
          404: answer('no such interconnect, or site'),
          409: answer('a site has networks of it, or another interconnect gives out these numbers in one of the sites'),
        },
      },
      delete: {
        summary: 'Remove an interconnect; refused while networks have segments of it',
        responses: { 204: { description: 'removed' }, 404: answer('no such interconnect'), 409: answer('in use') },
      },
    },
    '/feeds': {
      get: {
        summary: 'How far each feed of each site has read',
        responses: { 200: answer('feeds', z.object({ feeds: z.array(feedOfSite) })) },
      },
    },
  },
});
