// Arrows run down only; see docs/architecture.md for the rooms.
const rooms = {
  openstack: [],
  database: [],
  clouds: ['openstack'],
  identity: ['openstack', 'database'],
  sites: ['openstack', 'database', 'identity'],
  resources: ['openstack', 'database', 'sites'],
  sync: ['openstack', 'database', 'sites', 'resources'],
  jobs: ['database'],
  copies: ['openstack', 'database', 'sites', 'resources', 'jobs'],
  placement: ['openstack', 'database', 'sites', 'resources'],
  routing: ['openstack', 'database', 'sites', 'resources', 'sync', 'placement', 'jobs', 'copies'],
  globals: ['openstack', 'database', 'sites', 'resources', 'routing'],
  consoles: ['openstack', 'database', 'sites', 'resources', 'routing'],
};
const services = ['compute', 'volume', 'network', 'image', 'resource-providers'];
const below = [
  'openstack',
  'database',
  'sites',
  'resources',
  'sync',
  'placement',
  'jobs',
  'copies',
  'routing',
  'globals',
  'consoles',
];
for (const service of services) rooms[service] = below;
rooms.admin = [...below, 'identity'];
rooms.cli = null; // the top: wires and starts

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: '\\.test\\.ts$' }, to: {} },
    { name: 'nothing-imports-main', severity: 'error', from: {}, to: { path: '^src/main\\.ts$' } },
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
  },
};
