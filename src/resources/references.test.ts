import { expect, test } from 'vitest';
import { namedIn, refs } from './references.js';

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

test('what is found can be replaced in place', () => {
  const body = { port: { security_groups: ['a', 'b'] } };
  namedIn(body, refs('thing', 'port.security_groups[]')).forEach((named) => named.replace(`${named.id}-there`));
  expect(body.port.security_groups).toEqual(['a-there', 'b-there']);
});
