/** Tags of a project, one by one and all at once. */
import { json, noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { notFound } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import { row, type AskedByCaller, type Home, type IdentityRoute } from '../asked.js';
import { bodyCheck, tags as schema } from '../collection/body-check.js';
import { uniqueKeyOf } from '../collection/collection.js';
import { lockItem, updateItem } from '../collection/items.js';
import { needItem } from '../collection/needed.js';
import { admin, auditorOrOwnProject } from '../policies.js';
import { projects } from './projects.js';

const all = '/projects/{project_id}/tags';
const one = `${all}/{tag}`;
const check = bodyCheck(schema);

export const tagRoutes: IdentityRoute[] = [
  row(`GET ${all}`, 'list_project_tags', auditorOrOwnProject, async (home, asked) =>
    answer(await tagsOf(home, asked), asked),
  ),
  row(`PUT ${all}`, 'update_project_tags', admin, async (home, asked) => {
    const { tags } = await asked.readJson();
    check(tags);
    return answer(await write(home, asked, () => tags as string[]), asked);
  }),
  row(`DELETE ${all}`, 'delete_project_tags', admin, async (home, asked) => {
    await write(home, asked, () => []);
    return noContent();
  }),
  row(`GET ${one}`, 'get_project_tag', auditorOrOwnProject, async (home, asked) => {
    if (!(await tagsOf(home, asked)).includes(tagIn(asked))) throw notFound('project tag', tagIn(asked));
    return noContent();
  }),
  row(`PUT ${one}`, 'create_project_tag', admin, async (home, asked) => {
    await write(home, asked, (tags) => [...new Set([...tags, tagIn(asked)])]);
    const location = `${asked.url}/projects/${asked.params['project_id']}/tags/${encodeURIComponent(tagIn(asked))}`;
    return { ...noContent(201), headers: { location } };
  }),
  row(`DELETE ${one}`, 'delete_project_tag', admin, async (home, asked) => {
    await write(home, asked, (tags) => {
      if (!tags.includes(tagIn(asked))) throw notFound('project tag', tagIn(asked));
      return tags.filter((tag) => tag !== tagIn(asked));
    });
    return noContent();
  }),
];

const tagIn = ({ params }: AskedByCaller): string => params['tag'] ?? '';

const answer = (tags: readonly string[], asked: AskedByCaller): OpenStackResponse =>
  json(200, { tags, links: { self: `${asked.publicUrl}/identity${asked.pathAndQuery}` } });

const tagsOf = async (home: Home, { params }: AskedByCaller): Promise<string[]> =>
  (await needItem(home.database, 'project', params['project_id'] ?? '')).body['tags'] as string[];

async function write(home: Home, { params }: AskedByCaller, next: (tags: string[]) => string[]): Promise<string[]> {
  return home.database.transaction(async (tx) => {
    const project = await lockItem(tx, 'project', params['project_id'] ?? '');
    if (!project) throw notFound('project', params['project_id'] ?? '');
    const tags = next(project.body['tags'] as string[]);
    check(tags);
    const body = { ...project.body, tags };
    await updateItem(tx, project.ref, body, uniqueKeyOf(projects, body));
    return tags;
  });
}
