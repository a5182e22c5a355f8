/** What queries of Placement may hold, by microversion. @see openstack/placement:placement/schemas */
import type { SchemaObject } from 'ajv';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import { validationReport } from '@cascade/openstack-protocol/validation/validation-report.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';

const string = { type: 'string' };
const uuid = { type: 'string', format: 'uuid' };
const short = { type: 'string', minLength: 1, maxLength: 255 };

type Parameters = Readonly<Record<string, object>>;

const closed = (properties: Parameters, more: object = {}): SchemaObject => ({
  type: 'object',
  properties,
  ...more,
  additionalProperties: false,
});

/** `resources1`, from 1.33 on `resources_web`. */
const groups = (suffix: string, names: readonly string[]) => ({
  patternProperties: Object.fromEntries(names.map((name) => [`^${name}(${suffix})?$`, string])),
});

const providers: Parameters = { name: string, uuid };
const limit = { type: ['integer', 'string'], pattern: '^[1-9][0-9]*$', minimum: 1, minLength: 1 };
const group_policy = { type: 'string', enum: ['none', 'isolate'] };
const grouped: Parameters = { limit, group_policy };
const listed = { type: ['string'] };
const old = { required: ['resources'] };
const named = ['resources', 'required', 'member_of'];
const numbers = '[1-9][0-9]*';
const words = groups('[a-zA-Z0-9_-]{1,64}', [...named, 'in_tree']);

/** The newest first. */
type Versions = readonly (readonly [string, SchemaObject])[];

const providerQueries: Versions = [
  ['1.18', closed({ ...providers, member_of: string, resources: string, in_tree: uuid, required: string })],
  ['1.14', closed({ ...providers, member_of: string, resources: string, in_tree: uuid })],
  ['1.4', closed({ ...providers, member_of: string, resources: string })],
  ['1.3', closed({ ...providers, member_of: string })],
  ['1.0', closed(providers)],
];
const candidateQueries: Versions = [
  ['1.36', closed({ ...grouped, root_required: listed, same_subtree: listed }, words)],
  ['1.35', closed({ ...grouped, root_required: listed }, words)],
  ['1.33', closed(grouped, words)],
  ['1.31', closed(grouped, groups(numbers, [...named, 'in_tree']))],
  ['1.25', closed(grouped, groups(numbers, named))],
  ['1.21', closed({ resources: string, limit, required: listed, member_of: listed }, old)],
  ['1.17', closed({ resources: string, limit, required: listed }, old)],
  ['1.16', closed({ resources: string, limit }, old)],
  ['1.10', closed({ resources: string }, old)],
];
const project = { required: ['project_id'] };
const consumer_type = { type: 'string', pattern: '^[A-Z0-9_]+$|^all|^unknown$', minLength: 1, maxLength: 255 };
const usageQueries: Versions = [
  ['1.38', closed({ project_id: short, user_id: short, consumer_type }, project)],
  ['1.9', closed({ project_id: short, user_id: short }, project)],
];

/** @throws Fault 400 */
function checked(versions: Versions): (asked: Pick<Asked, 'query' | 'microversion'>) => void {
  const reports = versions.map(([since, schema]) => ({ since, report: validationReport(schema) }));
  return ({ query, microversion }) => {
    const found = reports.find(({ since }) => atLeast(microversion, since)) ?? reports.at(-1);
    const words = found?.report(Object.fromEntries(query));
    if (words !== undefined)
      throw new Fault('bad-request', `Invalid query string parameters: ${words.replaceAll(/\n/g, ' ')}`);
  };
}

export const checkProviderQuery = checked(providerQueries);
export const checkCandidateQuery = checked(candidateQueries);
export const checkUsageQuery = checked(usageQueries);
