/** Responses of an older Nova in the form of a newer one. */
import { bodyOf, isOk, emptyPage, withBody } from '../message.js';
import { adds, changed, type AnsweredRequest, type Lift } from '../microversion-steps.js';
import { isObject } from '../server/body.js';

type Item = Record<string, unknown>;

const one = ['server'];
const attachments = ['volumeAttachment', 'volumeAttachments[]'];

/** True of a whole server: a create tells little more than its id, and a cell that is down no more than that it exists. */
const isWhole = (server: Item): boolean => 'flavor' in server;

/** Fields of `GET /servers/{id}`, an update and a rebuild. */
export const serverShows = (missing: (server: Item, answered: AnsweredRequest) => Item): Lift =>
  adds(one, (server, answered) => (isWhole(server) ? missing(server, answered) : {}));

/** Properties of the image that a server was made from: an older Nova does not tell what they were. */
export const imageShowsProperties: Lift = (response) =>
  changed(response, one, ({ image }) => {
    if (isObject(image)) image['properties'] ??= {};
  });

const inner = (body: unknown, key: string): Item => {
  const found = isObject(body) ? body[key] : undefined;
  return isObject(found) ? found : {};
};

/** The flavor itself in place of a link to it (2.47). */
export const flavorEmbedded: Lift = (response, { read }) =>
  changed(response, one, async (server) => {
    const flavor = inner(server, 'flavor');
    const { id } = flavor;
    if (typeof id !== 'string') return;
    const path = `/flavors/${encodeURIComponent(id)}`;
    const [shown, specs] = await Promise.all([read('compute', path), read('compute', `${path}/os-extra_specs`)]);
    const known = inner(shown, 'flavor');
    server['flavor'] = {
      vcpus: known['vcpus'] ?? 0,
      ram: known['ram'] ?? 0,
      disk: known['disk'] ?? 0,
      ephemeral: known['OS-FLV-EXT-DATA:ephemeral'] ?? 0,
      swap: known['swap'] || 0,
      original_name: known['name'] ?? id,
      extra_specs: inner(specs, 'extra_specs'),
    };
  });

/** All of the server after an update or a rebuild, which showed a part of it before 2.75. */
export const wholeServer: Lift = (response, { request, read }) =>
  changed(response, one, async (server) => {
    if (request.method === 'GET' || !isWhole(server)) return;
    const shown = inner(await read('compute', `/servers/${String(server['id'])}`), 'server');
    // Addresses had no types there.
    Object.assign(server, { ...shown, ...server, addresses: shown['addresses'] ?? server['addresses'] });
  });

const isRebuild = ({ request: { body } }: AnsweredRequest): boolean => isObject(body) && 'rebuild' in body;

/** The key of a server after a rebuild (2.54). */
export const rebuildShowsKey: Lift = (response, answered) =>
  isRebuild(answered)
    ? adds(one, async ({ id }) => {
        const server = inner(await answered.read('compute', `/servers/${String(id)}`), 'server');
        return { key_name: server['key_name'] ?? null };
      })(response, answered)
    : response;

/** The user data after a rebuild (2.57), which an older Nova leaves as they were and tells an administrator alone. */
export const rebuildShowsUserData: Lift = (response, answered) =>
  isRebuild(answered) ? adds(one, () => ({ user_data: null }))(response, answered) : response;

/** The id of a snapshot in a body, where it was at the end of a `Location` before 2.45. */
export const imageIdInBody: Lift = (response, { request: { body } }) => {
  const isSnapshot = isObject(body) && ('createImage' in body || 'createBackup' in body);
  const { location, ...headers } = response.headers;
  if (!isSnapshot || !isOk(response) || location === undefined) return response;
  const made = { image_id: location.split('/').at(-1) };
  return withBody({ ...response, headers: { ...headers, 'content-type': 'application/json' } }, made);
};

/** Whether volumes are deleted with the server, as the server itself tells (2.3). */
export const attachmentsTellDeletion: Lift = async (response, answered) => {
  const { request, read } = answered;
  const id = request.path.split('/')[2];
  const server = inner(isOk(response) && id ? await read('compute', `/servers/${id}`) : undefined, 'server');
  const attached = server['os-extended-volumes:volumes_attached'];
  const volumes = Array.isArray(attached) ? attached.filter(isObject) : [];
  const wish = inner(request.body, 'volumeAttachment')['delete_on_termination'] ?? false;
  return adds(attachments, (attachment) => ({
    delete_on_termination:
      volumes.find((volume) => volume['id'] === attachment['volumeId'])?.['delete_on_termination'] ?? wish,
  }))(response, answered);
};

/** Ids of an attachment in Cinder and in Nova (2.89), of which an older Nova tells neither. */
export const attachmentsHaveIds: Lift = (response, { request, read, uuidOf }) =>
  request.method !== 'GET'
    ? response
    : changed(response, attachments, async (attachment) => {
        const { serverId, volumeId } = attachment;
        const volume = inner(await read('volume', `/volumes/${String(volumeId)}`), 'volume');
        const known = Array.isArray(volume['attachments']) ? volume['attachments'].filter(isObject) : [];
        const mine = known.find((candidate) => candidate['server_id'] === serverId);
        delete attachment['id'];
        attachment['bdm_uuid'] = uuidOf(`block device ${String(serverId)} ${String(volumeId)}`);
        attachment['attachment_id'] = mine?.['attachment_id'] ?? attachment['bdm_uuid'];
      });

/** An attachment goes on behind the response (2.101). */
export const attachedLater: Lift = (response, { request }) => {
  if (request.method !== 'POST' || !/^\/servers\/[^/]+\/os-volume_attachments$/.test(request.path)) return response;
  if (!isOk(response) || !bodyOf(response)) return response;
  const { 'content-length': _length, ...headers } = response.headers;
  const empty = emptyPage(202);
  return { ...empty, headers: { ...headers, ...empty.headers } };
};

const migrations = ['migration', 'migrations[]'];

export const migrationsHaveUuids: Lift = adds(migrations, ({ id }, { uuidOf }) => ({
  uuid: uuidOf(`migration ${String(id)}`),
}));

/** Whose server it is that was moved. */
export const migrationsHaveOwners: Lift = adds(migrations, async (migration, { read }) => {
  const id = migration['server_uuid'] ?? migration['instance_uuid'];
  const server = inner(await read('compute', `/servers/${String(id)}`), 'server');
  return { user_id: server['user_id'] ?? '', project_id: server['tenant_id'] ?? '' };
});
