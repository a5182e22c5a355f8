import { expect, test } from 'vitest';
import { namedIn, refs, replaceAt } from './references.js';

const found = (body: unknown, ...paths: string[]) =>
  namedIn(body, refs('thing', ...paths)).map(({ where, id }) => [where, id]);

test('a path leads through objects and lists', () => {
  expect(found({ server: { networks: [{ uuid: 'a' }, {}, { uuid: 'b' }] } }, 'server.networks[].uuid')).toEqual([
    ['server.networks[0].uuid', 'a'],
    ['server.networks[2].uuid', 'b'],
  ]);
});

test("a star stands for keys that are the caller's own", () => {
  const graph = { service_graph: { port_chains: { 'chain-1': ['chain-2', 'chain-3'], 'chain-2': [] } } };
  expect(found(graph, 'service_graph.port_chains.*[]')).toEqual([
    ['service_graph.port_chains.chain-1[0]', 'chain-2'],
    ['service_graph.port_chains.chain-1[1]', 'chain-3'],
  ]);
  const bodies = { sets: { one: { id: 'a' }, two: { id: 'b' }, three: 'c' } };
  expect(found(bodies, 'sets.*.id')).toEqual([
    ['sets.one.id', 'a'],
    ['sets.two.id', 'b'],
  ]);
});

test('a body of another shape has no reference', () => {
  for (const body of [undefined, [], { server: 'a' }, { server: { networks: 'auto' } }]) {
    expect(found(body, 'server.networks[].uuid', 'server.*[]')).toEqual([]);
  }
});

test('what is found in a body can be replaced in a copy of it', () => {
  const body = { port: { network_id: 'n', security_groups: ['a', 'b'] } };
  const copy = structuredClone(body);
  for (const { path, id } of namedIn(body, refs('thing', 'port.network_id', 'port.security_groups[]')))
    replaceAt(copy, path, `${id}-there`);
  expect(copy).toEqual({ port: { network_id: 'n-there', security_groups: ['a-there', 'b-there'] } });
  expect(body.port.security_groups).toEqual(['a', 'b']);
});
