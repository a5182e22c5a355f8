/** Placeholders of volumes: marked by metadata until they are known, in error where they cannot be created. */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { RetryLater } from '../../jobs/job.js';
import type { Body } from '../../resources/kind.js';
import type { PlaceholderKind } from '../../routing/placeholders/placeholder-job.js';
import { askAsAdmin } from '../../routing/ask-as-admin.js';
import { SiteUnreachable, type Site } from '../../sites/site.js';

const key = 'cascade-promise';
const makingSeconds = 2;

/** Without dashes it is no id, which the site's gateway would translate once it knows the volume. */
const markOf = (id: string): string => id.replaceAll('-', '');

export const volumePlaceholders: PlaceholderKind = {
  kind: 'volume',
  job: 'volume-create',
  marked: ({ volume, ...rest }, id) => {
    const { metadata, ...wanted } = volume as Body;
    return { ...rest, volume: { ...wanted, metadata: { ...(isObject(metadata) ? metadata : {}), [key]: markOf(id) } } };
  },
  find: async (site, id, projectId) => {
    const query = new URLSearchParams({
      all_tenants: '1',
      project_id: projectId,
      metadata: `{'${key}':'${markOf(id)}'}`,
    }).toString();
    const { status, body } = await askAsAdmin(site, 'volume', 'GET', '/volumes/detail', { query });
    const volumes = body['volumes'];
    if (status !== 200 || !Array.isArray(volumes))
      throw notSaid(site, `volumes of a project: ${status} instead of a list`);
    const found = (volumes as Body[]).find(
      (volume) => isObject(volume['metadata']) && volume['metadata'][key] === markOf(id),
    );
    return found && String(found['id']);
  },
  // Cinder lets a volume's metadata be changed whatever it is doing. @see openstack/cinder:cinder/volume/api.py delete_volume_metadata
  settle: async (site, id) => {
    const { status } = await askAsAdmin(site, 'volume', 'DELETE', `/volumes/${id}/metadata/${key}`);
    if (status >= 300 && status !== 404) throw notSaid(site, `a mark was not taken off: ${status}`);
  },
  remove: async (site, id) => {
    const { status } = await askAsAdmin(site, 'volume', 'DELETE', `/volumes/${id}`);
    if (status === 400) throw new RetryLater('its site makes it, and deletes it then', makingSeconds);
    if (status >= 300 && status !== 404) throw notSaid(site, `a volume was not deleted: ${status}`);
  },
  failed: () => ({ status: 'error', updated_at: cinderTime() }),
};

const notSaid = (site: Site, why: string): SiteUnreachable => new SiteUnreachable(site.name, true, why);

/** A moment as Cinder writes it: UTC, without saying so. @param fromNow milliseconds */
export const cinderTime = (fromNow = 0): string =>
  `${new Date(Date.now() + fromNow).toISOString().slice(0, 19)}.000000`;
