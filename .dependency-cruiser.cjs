// Arrows run down only; see docs/architecture.md for the packages and the rooms.
const packages = {
  'openstack-protocol': [],
  'openstack-adapter': ['openstack-protocol'],
  'simulated-openstack': ['openstack-protocol', 'openstack-adapter'],
};
const rooms = {
  database: [],
  addresses: ['database'],
  identity: ['database'],
  sites: ['database', 'identity'],
  resources: ['database', 'sites'],
  sync: ['database', 'sites', 'resources'],
  jobs: ['database'],
  copies: ['database', 'sites', 'resources', 'jobs'],
  placement: ['database', 'sites', 'resources'],
  interconnect: ['database', 'sites', 'resources'],
  routing: ['database', 'sites', 'resources', 'sync', 'placement', 'jobs', 'copies', 'interconnect'],
  globals: ['database', 'sites', 'resources', 'routing'],
  homed: ['database', 'sites', 'resources', 'routing', 'globals'],
  consoles: ['database', 'sites', 'resources', 'routing'],
};
const services = ['compute', 'volume', 'network', 'image', 'resource-providers'];
const below = [
  'database',
  'addresses',
  'sites',
  'resources',
  'sync',
  'placement',
  'jobs',
  'copies',
  'interconnect',
  'routing',
  'globals',
  'homed',
  'consoles',
];
for (const service of services) rooms[service] = below;
rooms.admin = [...below, 'identity'];
rooms.cli = null; // the top: wires and starts

// Not built (tsconfig.build.json).
const forTests = ['\\.test\\.ts$', '/testing[^/]*\\.ts$'];

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'test-helpers-are-for-tests',
      severity: 'error',
      from: { path: '^(src|packages)/', pathNot: forTests },
      to: { path: forTests },
    },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: '\\.test\\.ts$' }, to: {} },
    ...Object.entries(packages).map(([name, allowed]) => ({
      name: `${name}-knows-only-what-is-below`,
      severity: 'error',
      from: { path: `^packages/${name}/` },
      to: { path: '^(src|packages)/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
    })),
    {
      name: 'only-the-top-knows-simulated-clouds',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^packages/simulated-openstack/' },
    },
    { name: 'nothing-imports-main', severity: 'error', from: {}, to: { path: '(^|/)src/main\\.ts$' } },
    ...Object.entries(rooms)
      .filter(([, allowed]) => allowed)
      .map(([room, allowed]) => ({
        name: `${room}-knows-only-what-is-below`,
        severity: 'error',
        from: { path: `^src/${room}/`, pathNot: '\\.test\\.ts$' },
        to: { path: '^src/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
      })),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^packages/[^/]+/dist/' },
  },
};
