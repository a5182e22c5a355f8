/**
 * Whether new security groups are stateful where their request does not say so: one setting of a project, and one of all projects.
 * What one zone has holds in every zone that has the extension.
 * @see openstack/neutron-lib:api-ref/source/v2/security-groups-default-statefulness.inc
 */
import { ask, must, type GlobalKind } from '../../globals/global-kind.js';
import type { Body } from '../../resources/kind.js';
import type { World } from '../../routing/world.js';

export const statefulnessPath = '/security-groups-default-statefulness';
// One is called as all of them are.
const key = 'security_groups_default_statefulness';

const of = (id: string): string => `${statefulnessPath}/${encodeURIComponent(id)}`;
const projectOf = (body: Body): string | null => (body['project_id'] as string | null | undefined) ?? null;
const pick = (body: Body): Body => ({ project_id: projectOf(body), stateful: body['stateful'] });

export const statefulness: GlobalKind = {
  kind: key,
  service: 'network',
  ids: 'own',
  presence: 'everywhere',
  heldBy: ({ capabilities }) => capabilities.networkExtensions.includes('security-groups-default-statefulness'),
  listRounds: 4,
  sameness: ({ body }) => JSON.stringify(projectOf(body)),
  ownerOf: projectOf,
  list: async (site) => {
    const all = ((await ask(site, 'network', 'GET', statefulnessPath))?.[key] ?? []) as Body[];
    return all.map((body) => ({ id: String(body['id']), body: pick(body), isWhole: true }));
  },
  adopt: (_site, _held, found) => found.body,
  read: async (site, id) => {
    const body = (await ask(site, 'network', 'GET', of(id)))?.[key] as Body | undefined;
    return body && pick(body);
  },
  create: async (site, { body }) => {
    const made = (await must(site, 'network', 'POST', statefulnessPath, { body: { [key]: body } }))[key] as Body;
    return { id: String(made['id']), made: pick(made) };
  },
  update: async (site, id, _from, { stateful }) =>
    void (await must(site, 'network', 'PUT', of(id), { body: { [key]: { stateful } } })),
  remove: async (site, id) => void (await ask(site, 'network', 'DELETE', of(id))),
};

/** What a project's new group is where its request does not say so; undefined where nobody has said it. */
export async function isStatefulByDefault(world: World, projectId: string): Promise<boolean | undefined> {
  const held = (await world.globals.list(statefulness.kind)).map(({ body }) => body);
  const of = (owner: string | null) => held.find((body) => projectOf(body) === owner);
  return (of(projectId) ?? of(null))?.['stateful'] as boolean | undefined;
}
