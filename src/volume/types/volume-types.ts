/** Volume types, with their extra specs, encryption, QoS and the projects that may use a private one. */
import type { Body } from '../../resources/kind.js';
import type { Site } from '../../sites/site.js';
import { difference, fieldsOf, type GlobalKind } from '../../globals/global-kind.js';
import { ask, must, namesIn, volumeGlobal } from './cinder-requests.js';
import { zoneTranslation } from './zone-spec.js';

const of = (id: string): string => `/types/${encodeURIComponent(id)}`;
const encryptionFields = ['provider', 'cipher', 'key_size', 'control_location'];

export const volumeTypes: GlobalKind = {
  ...volumeGlobal('volume_type', 'own', of),
  translation: zoneTranslation,
  namedBy: ['volume'],
  list: (site) => namesIn(site, '/types?is_public=None&limit=1000', 'volume_types'),
  read,
  create: async (site, { body }) => {
    const { name, description, is_public: isPublic, extra_specs: specs } = body;
    const wanted = { name, description, 'os-volume-type-access:is_public': isPublic, extra_specs: specs };
    const { volume_type: made } = await must(site, 'POST', '/types', { volume_type: wanted });
    return { id: String((made as Body)['id']), made: { name, description, is_public: isPublic, extra_specs: specs } };
  },
  update: async (site, id, from, to) => {
    await changeWords(site, id, from, to);
    await changeSpecs(site, id, from, to);
    await changeQos(site, id, from, to);
    await changeEncryption(site, id, from, to);
    await changeAccess(site, id, from, to);
  },
};

async function read(site: Site, id: string): Promise<Body | undefined> {
  const type = (await ask(site, 'GET', of(id)))?.['volume_type'] as Body | undefined;
  if (!type) return undefined;
  const { name, description, is_public: isPublic, extra_specs: specs, qos_specs_id: qos } = type;
  const encryption = fieldsOf(await ask(site, 'GET', `${of(id)}/encryption`));
  const access = isPublic ? undefined : await ask(site, 'GET', `${of(id)}/os-volume-type-access`);
  const projects = ((access?.['volume_type_access'] ?? []) as { project_id: string }[]).map((one) => one.project_id);
  return {
    name,
    description,
    is_public: isPublic,
    extra_specs: specs ?? {},
    qos_specs_id: qos ?? null,
    encryption: encryption['encryption_id']
      ? Object.fromEntries(encryptionFields.map((field) => [field, encryption[field]]))
      : null,
    projects: projects.sort(),
  };
}

async function changeWords(site: Site, id: string, from: Body, to: Body): Promise<void> {
  const { set } = difference(from, { name: to['name'], description: to['description'], is_public: to['is_public'] });
  // A description can be emptied but not taken away.
  if (set['description'] === null) set['description'] = '';
  if (Object.keys(set).length > 0) await must(site, 'PUT', of(id), { volume_type: set });
}

async function changeSpecs(site: Site, id: string, from: Body, to: Body): Promise<void> {
  const { set, gone } = difference(fieldsOf(from['extra_specs']), fieldsOf(to['extra_specs']));
  if (Object.keys(set).length > 0) await must(site, 'POST', `${of(id)}/extra_specs`, { extra_specs: set });
  for (const key of gone) await ask(site, 'DELETE', `${of(id)}/extra_specs/${encodeURIComponent(key)}`);
}

async function changeQos(site: Site, id: string, from: Body, to: Body): Promise<void> {
  const [before, after] = [from['qos_specs_id'] ?? null, to['qos_specs_id'] ?? null];
  if (before === after) return;
  const turn = (qos: unknown, verb: string) => ask(site, 'GET', `/qos-specs/${String(qos)}/${verb}?vol_type_id=${id}`);
  if (before !== null) await turn(before, 'disassociate');
  if (after !== null) await must(site, 'GET', `/qos-specs/${String(after)}/associate?vol_type_id=${id}`);
}

async function changeEncryption(site: Site, id: string, from: Body, to: Body): Promise<void> {
  const [before, after] = [from['encryption'] ?? null, to['encryption'] ?? null];
  const { set } = difference(fieldsOf(before), fieldsOf(after));
  // Cinder looks at the type alone: one type has one encryption, whatever its id.
  if (before !== null && after === null) await ask(site, 'DELETE', `${of(id)}/encryption/provider`);
  else if (before === null && after !== null) await must(site, 'POST', `${of(id)}/encryption`, { encryption: after });
  else if (Object.keys(set).length > 0) await must(site, 'PUT', `${of(id)}/encryption/provider`, { encryption: set });
}

async function changeAccess(site: Site, id: string, from: Body, to: Body): Promise<void> {
  const [before, after] = [(from['projects'] ?? []) as string[], (to['projects'] ?? []) as string[]];
  const turn = (verb: string, project: string) => must(site, 'POST', `${of(id)}/action`, { [verb]: { project } });
  for (const project of after.filter((one) => !before.includes(one))) await turn('addProjectAccess', project);
  // Of a public type Cinder keeps no list.
  if (to['is_public']) return;
  for (const project of before.filter((one) => !after.includes(one))) await turn('removeProjectAccess', project);
}
