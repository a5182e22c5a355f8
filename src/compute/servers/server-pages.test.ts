/** Pages put together from kept lines say what the views of parsed servers say, at every microversion and to everybody. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import { serviceOf } from '@cascade/openstack-protocol/services.js';
import type { Body } from '../../resources/kind.js';
import { NamedFlavors } from './named-flavors.js';
import { serverLines, serverText, wholly } from './server-lines.js';
import { briefPage, detailedPage, type ServerPage } from './server-pages.js';
import { detailedServer, serverLinks, showsUnknown, unknownServer } from './server-view.js';

const latest = Number(serviceOf('compute').microversions!.max.split('.')[1]);

const asker = (minor: number, isAdmin: boolean): Asked =>
  ({
    microversion: { major: 2, minor },
    serviceUrl: 'https://cloud.example/"compute"',
    caller: { isAdmin },
  }) as unknown as Asked;

const askers = fc.record({ minor: fc.integer({ min: 1, max: latest }), isAdmin: fc.boolean() });

// Texts as tenants write them: quotes, line feeds, keys that look like fields of a server.
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\n', '","links":[', '\\', 'Ω "x"\n', 'id', 'OS-EXT-SRV-ATTR:host', '__proto__'),
);
const fields = [
  ...new Set([
    ...serverLines.flat(),
    'name',
    'status',
    'user_id',
    'metadata',
    'hostId',
    'updated',
    'addresses',
    'key_name',
    'progress',
    'OS-EXT-STS:task_state',
    'security_groups',
    'fault',
    'links',
    'OS-EXT-SRV-ATTR:added_tomorrow',
    'added_tomorrow',
  ]),
];
const value = fc.oneof(
  text,
  fc.constantFrom(null, true, 0, '', [], {}),
  fc.dictionary(text, text, { maxKeys: 3 }),
  fc.array(fc.dictionary(text, fc.oneof(text, fc.integer())), { maxLength: 2 }),
);
const flavor = fc.oneof(
  fc.record({
    original_name: fc.constantFrom('m1.tiny', 'gone', 'Ω'),
    ram: fc.nat(),
    extra_specs: fc.dictionary(text, text),
  }),
  fc.record({ id: text }),
);
const image = fc.oneof(
  fc.constantFrom('', null),
  fc.uuid().map((id) => ({ id, links: [{ rel: 'bookmark', href: `http://site/images/${id}` }] })),
);
const volumes = fc.array(fc.record({ id: fc.uuid(), delete_on_termination: fc.boolean() }), { maxLength: 2 });
const server: fc.Arbitrary<Body> = fc
  .record({
    id: fc.oneof({ weight: 9, arbitrary: fc.uuid() as fc.Arbitrary<string> }, { weight: 1, arbitrary: text }),
    others: fc.uniqueArray(fc.tuple(fc.constantFrom(...fields), value), { selector: ([field]) => field }),
    special: fc.record({ flavor, image, 'os-extended-volumes:volumes_attached': volumes }, { requiredKeys: [] }),
  })
  .map(({ id, others, special }) => ({ ...Object.fromEntries(others), ...special, id }));

const flavors = new NamedFlavors(
  [{ id: '1', name: 'm1.tiny', vcpus: 1, ram: 64, disk: 1, shown: {}, deletedAt: null }],
  true,
);
const silentSite = 7;
const isSilent = (siteId: number): boolean => siteId === silentSite;

const parsed = ({ text: page }: ServerPage): Body[] => JSON.parse(`[${page}]`) as Body[];

function expected(asked: Asked, siteId: number, body: Body): unknown {
  const shown =
    isSilent(siteId) && showsUnknown(asked) ? unknownServer(asked, body) : detailedServer(asked, body, flavors);
  return JSON.parse(JSON.stringify(shown));
}

test('a page of lines is the page of views', () => {
  const rows = fc.array(fc.record({ siteId: fc.constantFrom(3, silentSite), server, isOld: fc.boolean() }), {
    maxLength: 4,
  });
  const property = fc.property(askers, rows, ({ minor, isAdmin }, servers) => {
    const asked = asker(minor, isAdmin);
    const kept = servers.map(({ siteId, server: body, isOld }) => ({
      site_id: siteId,
      body: isOld ? JSON.stringify(body) : serverText(body),
    }));
    const page = detailedPage(asked, kept, isSilent, flavors);
    expect(parsed(page)).toEqual(servers.map(({ siteId, server: body }) => expected(asked, siteId, body)));
    expect(page.count).toBe(servers.length);
    expect(page.lastId).toBe(servers.at(-1)?.server['id']);
  });
  fc.assert(property, { numRuns: 200 });
});

test('what is kept is the server itself, but for links, with what older sites do not tell', () => {
  fc.assert(
    fc.property(server, (body) => {
      const { links: _, image: kept, ...others } = wholly(body);
      const id = (kept as Body | null | undefined)?.['id'];
      const text = serverText(body);
      expect(JSON.parse(text)).toEqual(
        JSON.parse(
          JSON.stringify({ ...others, ...('image' in body ? { image: id === undefined ? kept : { id } } : {}) }),
        ),
      );
      expect(text.split('\n')).toHaveLength(serverLines.length);
    }),
  );
});

describe('short lists', () => {
  const rows = [
    { id: 'a', name: 'db "1"', site_id: 3 },
    { id: 'b', name: null, site_id: silentSite },
  ];
  const shown = (minor: number) => parsed(briefPage(asker(minor, false), rows, isSilent));

  test('say id, name and links, whatever they are made of', () => {
    const property = fc.property(text, text, (id, name) => {
      const asked = asker(1, false);
      const page = briefPage(asked, [{ id, name, site_id: 3 }], isSilent);
      expect(parsed(page)).toEqual([{ id, name, links: serverLinks(asked, id) }]);
      expect(page.lastId).toBe(id);
    });
    fc.assert(property);
  });

  test('name every server as it was last seen', () => {
    expect(shown(68)).toMatchObject([
      { id: 'a', name: 'db "1"' },
      { id: 'b', name: '' },
    ]);
  });

  test('from 2.69 show those of silent sites as unknown, without a name', () => {
    expect(shown(69)).toMatchObject([
      { id: 'a', name: 'db "1"' },
      { id: 'b', status: 'UNKNOWN' },
    ]);
    expect(shown(69)[1]).not.toHaveProperty('name');
  });
});
