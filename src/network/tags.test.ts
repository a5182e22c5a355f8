/** Tags go to the site of what they are on, at both paths of what has an older one, and the answers are the site's. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startTestCascade, type TestCascade } from '../../test/cascade.js';

let cloud: TestCascade;
beforeAll(async () => {
  cloud = await startTestCascade();
});
afterAll(() => cloud.close());
afterEach(() => Promise.all([cloud.east, cloud.west].map(({ server }) => server.recover())));

const id = '11111111-1111-4111-8111-111111111111';
const noSuch = (resource: string) => ({
  NeutronError: {
    type: 'TagResourceNotFound',
    message: `Resource ${resource} ${id} could not be found.`,
    detail: '',
  },
});
const invalid = {
  NeutronError: { type: 'InvalidInput', message: 'Invalid input for operation: Invalid tags body.', detail: '' },
};
const notSupported = {
  NeutronError: { type: 'HTTPNotFound', message: 'not supported (Availability zone east.)', detail: '' },
};

// Answers of a real Neutron (Zed) that has nothing of this id.
test.each([
  ['PUT', '/qos/policies', '/tags', 400, invalid],
  ['PUT', '/qos/policies', '/tags/red', 404, noSuch('policies')],
  ['DELETE', '/qos/policies', '/tags', 404, noSuch('policies')],
  ['GET', '/policies', '/tags', 404, noSuch('policies')],
  ['PUT', '/policies', '/tags', 404, noSuch('policies')],
  ['PUT', '/policies', '/tags/red', 404, noSuch('policies')],
  ['GET', '/policies', '/tags/red', 404, noSuch('policies')],
  ['DELETE', '/policies', '/tags/red', 404, noSuch('policies')],
  ['GET', '/subnetpools', '/tags', 404, noSuch('subnetpools')],
  ['GET', '/trunks', '/tags', 404, noSuch('trunks')],
  ['GET', '/network_segment_ranges', '/tags', 404, noSuch('network_segment_ranges')],
  ['GET', '/security-groups', '/tags', 404, noSuch('security_groups')],
  ['PUT', '/networks', '/tags', 404, noSuch('networks')],
  ['POST', '/networks', '/tags', 404, notSupported],
])('%s %s/{id}%s', async (method, path, below, status, body) => {
  const said = body === notSupported ? { NeutronError: { ...body.NeutronError, message: 'not supported' } } : body;
  for (const { server } of [cloud.east, cloud.west]) server.fail(status, /\/tags/, said);
  const whole = `/network/v2.0${path}/${id}${below}`;
  const write = method === 'PUT' || method === 'POST' ? { body: { tags: ['red'] } } : {};
  const answer = await cloud.ask(method, whole, { token: cloud.admin, ...write });
  expect([answer.status, answer.body]).toEqual([status, body]);
  const last = [cloud.east, cloud.west].flatMap(({ server }) => server.requestsLike(/\/tags/)).at(-1)!;
  expect([last.method, last.path]).toEqual([method, whole]);
});

// What has no tags in Zed has no such path either.
test.each(['/agents', '/flavors', '/rbac-policies', '/address-groups', '/address-scopes'])(
  '%s have none',
  async (path) => {
    const { status, body } = await cloud.ask('GET', `/network/v2.0${path}/${id}/tags`, { token: cloud.admin });
    expect([status, body.NeutronError.type, body.NeutronError.message]).toEqual([
      404,
      'HTTPNotFound',
      'The resource could not be found.',
    ]);
  },
);
