/** Each row of the tables of microversions that refuses does so for what it names, at older sites alone, with the zone named. */
import { describe, expect, test } from 'vitest';
import { serviceOf } from '@cascade/openstack-protocol/services.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Site } from '../sites/site.js';
import { fitToSite, SiteTooOld } from './older-site.js';

type Name = 'compute' | 'volume';
type Call = readonly [call: string, body?: object];

/** A request that needs each of the needs of a row, in their order. */
const examples: Record<Name, Record<string, readonly Call[]>> = {
  compute: {
    '2.26': [['GET /servers/s/tags']],
    '2.29': [['POST /servers/s/action', { evacuate: { force: true } }]],
    '2.30': [['POST /servers/s/action', { 'os-migrateLive': { force: true } }]],
    '2.32': [['POST /servers', { server: { networks: [{ uuid: 'n', tag: 't' }] } }]],
    '2.37': [['POST /servers', { server: { networks: 'auto' } }]],
    '2.48': [['GET /servers/s/diagnostics']],
    '2.49': [['POST /servers/s/os-interface', { interfaceAttachment: { tag: 't' } }]],
    '2.51': [['POST /os-server-external-events', { events: [{ name: 'volume-extended' }] }]],
    '2.52': [['POST /servers', { server: { networks: [], tags: ['t'] } }]],
    '2.54': [['POST /servers/s/action', { rebuild: { key_name: null } }]],
    '2.56': [['POST /servers/s/action', { migrate: { host: 'h' } }]],
    '2.57': [['POST /servers/s/action', { rebuild: { user_data: 'u' } }]],
    '2.58': [['GET /servers/s/os-instance-actions?limit=1']],
    '2.59': [['GET /os-migrations?marker=m']],
    '2.63': [['POST /servers', { server: { networks: [], trusted_image_certificates: ['c'] } }]],
    '2.66': [['GET /servers/s/os-instance-actions?changes-before=t'], ['GET /os-migrations?changes-before=t']],
    '2.67': [['POST /servers', { server: { networks: [], block_device_mapping_v2: [{ volume_type: 'v' }] } }]],
    '2.73': [['POST /servers/s/action', { lock: { locked_reason: 'r' } }]],
    '2.76': [['POST /os-server-external-events', { events: [{ name: 'power-update' }] }]],
    '2.78': [['GET /servers/s/topology']],
    '2.79': [['POST /servers/s/os-volume_attachments', { volumeAttachment: { delete_on_termination: false } }]],
    '2.80': [['GET /os-migrations?user_id=u']],
    '2.81': [['POST /os-aggregates/1/images', { cache: [] }]],
    '2.82': [['POST /os-server-external-events', { events: [{ name: 'accelerator-request-bound' }] }]],
    '2.85': [['PUT /servers/s/os-volume_attachments/v', { volumeAttachment: { delete_on_termination: true } }]],
    '2.90': [['PUT /servers/s', { server: { hostname: 'h' } }]],
    '2.91': [['POST /servers/s/action', { unshelve: { availability_zone: null } }]],
    '2.93': [['POST /os-server-external-events', { events: [{ name: 'volume-reimaged' }] }]],
    '2.94': [['POST /servers/s/action', { rebuild: { hostname: 'h.example.org' } }]],
    '2.95': [['POST /servers/s/action', { evacuate: {} }]],
    '2.97': [['DELETE /servers/s/shares/f']],
    '2.99': [['POST /servers/s/remote-consoles', { remote_console: { protocol: 'spice', type: 'spice-direct' } }]],
  },
  volume: {
    '3.1': [['POST /volumes/v/action', { 'os-volume_upload_image': { visibility: 'private' } }]],
    '3.3': [['GET /messages']],
    '3.7': [['GET /clusters']],
    '3.8': [['GET /manageable_volumes']],
    '3.9': [['PUT /backups/b', { backup: { name: 'n' } }]],
    '3.11': [['GET /group_types']],
    '3.12': [['GET /volumes/summary']],
    '3.13': [['GET /groups'], ['POST /volumes', { volume: { group_id: 'g' } }]],
    '3.14': [['GET /group_snapshots'], ['POST /groups/action', { 'create-from-src': {} }]],
    '3.16': [['POST /volumes/v/action', { 'os-migrate_volume': { cluster: 'c' } }]],
    '3.17': [['GET /manageable_volumes?cluster=c']],
    '3.19': [['POST /group_snapshots/g/action', { reset_status: {} }]],
    '3.20': [['POST /groups/g/action', { reset_status: {} }]],
    '3.23': [['DELETE /volumes/v?force=true']],
    '3.24': [['POST /workers/cleanup', {}]],
    '3.25': [['GET /groups/g?list_volume=true']],
    '3.26': [
      ['PUT /os-services/failover', {}],
      ['PUT /os-services/freeze', { cluster: 'c' }],
    ],
    '3.27': [['GET /attachments']],
    '3.28': [['GET /scheduler-stats/get_pools?name=p']],
    '3.32': [['PUT /os-services/set-log', {}]],
    '3.33': [['GET /resource_filters']],
    '3.38': [['POST /groups/g/action', { enable_replication: {} }]],
    '3.39': [['GET /limits?project_id=p']],
    '3.40': [['POST /volumes/v/action', { revert: { snapshot_id: 's' } }]],
    '3.43': [['POST /backups', { backup: { metadata: {} } }]],
    '3.44': [['POST /attachments/a/action', { 'os-complete': {} }]],
    '3.47': [['POST /volumes', { volume: { backup_id: 'b' } }]],
    '3.51': [['POST /backups', { backup: { availability_zone: 'z' } }]],
    '3.52': [['GET /types?extra_specs=x']],
    '3.54': [['POST /attachments', { attachment: { mode: 'ro' } }]],
    '3.55': [['POST /volume-transfers', { transfer: {} }]],
    '3.62': [['GET /default-types']],
    '3.68': [['POST /volumes/v/action', { 'os-reimage': {} }]],
    '3.71': [['POST /volumes/v/action', { 'os-extend_volume_completion': {} }]],
  },
};

const siteOf = (name: Name, max: string) =>
  ({ id: 1, name: 'west', capabilities: { microversions: { [name]: { min: '', max } } } }) as unknown as Site;

function asked(name: Name, version: string, [call]: Call): Asked {
  const [method = '', whole = ''] = call.split(' ');
  const [path = '', rawQuery = ''] = whole.split('?');
  const [major, minor] = version.split('.').map(Number);
  return { service: serviceOf(name), method, path, rawQuery, microversion: { major, minor } } as unknown as Asked;
}

const fit = (name: Name, version: string, max: string, call: Call) =>
  fitToSite(asked(name, version, call), siteOf(name, max), {
    ...(call[1] ? { body: Buffer.from(JSON.stringify(call[1])) } : {}),
  });

const before = (version: string): string => version.replace(/\d+$/, (minor) => String(Number(minor) - 1));

describe.each(['compute', 'volume'] as const)('%s', (name) => {
  const refusing = serviceOf(name).steps!.flatMap((step) => (step.decision === 'refused' ? [step] : []));
  test.each(refusing)('$since: $change', ({ since, needs }) => {
    const calls = examples[name][since] ?? [];
    expect(calls).toHaveLength(needs.length);
    calls.forEach((call, at) => {
      expect(
        needs[at]!.isIn({
          ...asked(name, since, call),
          query: new URLSearchParams(asked(name, since, call).rawQuery),
          body: call[1],
        }),
      ).toBe(true);
      const refusal = (() => {
        try {
          return fit(name, since, before(since), call);
        } catch (error) {
          return error;
        }
      })();
      expect(refusal).toBeInstanceOf(SiteTooOld);
      expect((refusal as SiteTooOld).message).toContain('Availability zone west does not support ');
      expect((refusal as SiteTooOld).message).toContain(`is older than microversion ${since}.`);
      expect((refusal as SiteTooOld).kind).toBe(needs[at]!.isPath ? 'not-found' : 'bad-request');
      // A site that has it is asked, and so is an older one in a microversion that has not.
      expect(fit(name, since, since, call)).toBeUndefined();
      expect(fit(name, before(since), before(since), call)).toBeUndefined();
    });
  });
});

test.each<[Name, string, string, Call, string]>([
  ['compute', '2.37', '2.25', ['POST /servers', { server: { name: 's' } }], "'networks' is a required property"],
  ['compute', '2.44', '2.25', ['POST /servers/s/action', { addFixedIp: {} }], 'could not be found'],
  ['compute', '2.57', '2.56', ['POST /servers', { server: { networks: [], personality: [] } }], "'personality' was"],
  ['compute', '2.68', '2.67', ['POST /servers/s/action', { evacuate: { force: true } }], "'force' was unexpected"],
  ['compute', '2.102', '2.101', ['POST /flavors', { flavor: { rxtx_factor: 1 } }], "'rxtx_factor' was unexpected"],
  ['volume', '3.53', '3.52', ['POST /volumes', { volume: { status: 'x' } }], "'status' was unexpected"],
  ['volume', '3.66', '3.59', ['POST /snapshots', { snapshot: { force: 'no' } }], "the 'force' flag is invalid"],
])('%s %s at %s: what the newer one refuses is refused: %j', (name, version, max, call, words) => {
  expect(() => fit(name, version, max, call)).toThrow(words);
});

test('a snapshot of a volume in use has the flag that an older Cinder wants', () => {
  const call: Call = ['POST /snapshots', { snapshot: { volume_id: 'v' } }];
  const fitted = fit('volume', '3.66', '3.59', call);
  expect(JSON.parse(String(fitted!.body))).toEqual({ snapshot: { volume_id: 'v', force: true } });
});

test('a refusal of an older site names its zone; its version is not the answer’s', async () => {
  const fitted = fit('compute', '2.93', '2.79', ['PUT /servers/s', { server: { foo: 1 } }])!;
  const { body, headers } = await fitted.lift({
    status: 400,
    headers: { 'content-type': 'application/json', 'openstack-api-version': 'compute 2.79' },
    body: Buffer.from(JSON.stringify({ badRequest: { code: 400, message: 'No.' } })),
  });
  expect(JSON.parse(String(body)).badRequest.message).toBe(
    'No. (Availability zone west, whose compute service is of microversion 2.79.)',
  );
  expect(headers).not.toHaveProperty('openstack-api-version');
});
