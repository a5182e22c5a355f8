/** `GET /extensions`. What a cloud of a release has is a matter of `releases.ts`. */
import { json } from '@cascade/openstack-protocol/message.js';
import { route, type Route } from '@cascade/openstack-protocol/server/route.js';
import { extensionWords } from '@cascade/openstack-adapter/network/extension-words.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { NetworkState } from './state.js';
import { fieldsAsked } from './collection/view.js';

function bodyOf(alias: string): Record<string, unknown> {
  const [name, description, updated] = extensionWords[alias] ?? [alias, alias, '2012-01-01T10:00:00-00:00'];
  return { name, alias, description, updated, links: [] };
}

export const extensionRoutes = (state: NetworkState): Route[] => [
  route('GET /extensions', 'reader', async ({ query }) => {
    const fields = fieldsAsked(query);
    const only = (body: Record<string, unknown>) =>
      fields.length === 0 ? body : Object.fromEntries(Object.entries(body).filter(([name]) => fields.includes(name)));
    return json(200, { extensions: state.listed.map((alias) => only(bodyOf(alias))) });
  }),
  route('GET /extensions/{alias}', 'reader', async ({ params: { alias = '' } }) => {
    if (state.listed.includes(alias)) return json(200, { extension: bodyOf(alias) });
    const detail = `Extension with alias ${alias} does not exist`;
    throw new Fault('not-found', 'The resource could not be found.', { page: true, detail });
  }),
];
