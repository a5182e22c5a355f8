/** The names of resource classes and traits: those of all sites together, as their own Placement knows them. */
import { standardResourceClasses } from '@cascade/openstack-protocol/placement/resource-classes.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { bodyOf, noContent } from '@cascade/openstack-protocol/message.js';
import type { Answer, Asked } from '@cascade/openstack-protocol/server/route.js';
import { collated } from '@cascade/openstack-protocol/filters/text-collation.js';
import type { World } from '../routing/world.js';
import { fresh } from './answers.js';
import { rootPath } from './providers.js';
import { checkParameters } from './query.js';

export function listClasses(world: World): Answer {
  return async (asked) => {
    const classes = await classNames(world);
    return fresh(asked, { resource_classes: classes.map((name) => classView(asked, name)) });
  };
}

export function showClass(world: World): Answer {
  return async (asked) => {
    const name = asked.params['name'] ?? '';
    if (!(await classNames(world)).includes(name)) throw new Fault('not-found', `No such resource class ${name}.`);
    return fresh(asked, classView(asked, name));
  };
}

const classView = (asked: Asked, name: string) => ({
  name,
  links: [{ rel: 'self', href: `${rootPath(asked)}/resource_classes/${name}` }],
});

export function listTraits(world: World): Answer {
  return async (asked) => {
    checkParameters(asked, [[/^(name|associated)$/, '1.6']]);
    const associated = asked.query.get('associated')?.toLowerCase();
    if (associated !== undefined && associated !== 'true' && associated !== 'false') {
      throw new Fault('bad-request', 'The query parameter "associated" only accepts "true" or "false"');
    }
    const matches = nameFilter(asked.query.get('name'));
    // No provider of the cascade has traits: those of a site's hosts are the site's own to place by.
    const traits = associated === 'true' ? [] : await traitNames(world);
    return fresh(asked, { traits: traits.filter(matches) });
  };
}

export function showTrait(world: World): Answer {
  return async (asked) => {
    const name = asked.params['name'] ?? '';
    if (!(await traitNames(world)).includes(name)) throw new Fault('not-found', `No such trait(s): ${name}.`);
    return noContent();
  };
}

function nameFilter(text: string | null): (name: string) => boolean {
  if (text === null) return () => true;
  const [, operator, value = ''] = /^([^:]*):(.*)$/.exec(text) ?? [];
  if (operator === undefined) {
    const words =
      'Badly formatted name parameter. Expected name query string parameter in form: ' +
      `?name=[in|startswith]:[name1,name2|prefix]. Got: "${text}"`;
    throw new Fault('bad-request', words);
  }
  if (operator === 'startswith') return (name) => collated(name).startsWith(collated(value));
  const names = value.split(',').map(collated);
  return operator === 'in' ? (name) => names.includes(collated(name)) : () => true;
}

async function classNames(world: World): Promise<string[]> {
  const said = await saidBySites(world, '/resource_classes');
  const names = said.flatMap((body) =>
    ((body['resource_classes'] ?? []) as { name: string }[]).map(({ name }) => name),
  );
  return [...new Set([...standardResourceClasses, ...names])];
}

async function traitNames(world: World): Promise<string[]> {
  const said = await saidBySites(world, '/traits');
  return [...new Set(said.flatMap((body) => (body['traits'] ?? []) as string[]))].sort();
}

/** What each site's Placement answers to the site's own credential; a site without one, or silent, says nothing. */
async function saidBySites(world: World, path: string): Promise<Record<string, unknown>[]> {
  const sites = world.sites.answering('placement').filter((site) => site.capabilities.endpoints.placement);
  const ask = { service: 'placement', method: 'GET', path, microversion: '1.7', deadlineMs: 5_000 } as const;
  const answers = sites.map((site) => site.request(ask).catch(() => undefined));
  const responses = await Promise.all(answers);
  return responses.flatMap((one) => (one?.status === 200 ? [bodyOf(one) as Record<string, unknown>] : []));
}
