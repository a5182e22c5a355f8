/** Attachments, by which Nova connects volumes since 3.27. @see openstack/cinder:cinder/api/v3/attachments.py */
import { randomUUID } from 'node:crypto';
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { noSuchAction, required } from '@cascade/openstack-adapter/volume/refusals.js';
import { bodyUnder, requireRow } from './asked.js';
import { pageOf, type Paged } from './list.js';
import type { Volume, VolumeAttachment } from './volume.js';
import type { Volumes } from './volumes.js';
import { timeOf } from './view.js';

const since = { since: '3.27' };
const of = '/attachments/{attachment_id}';

interface Held {
  /** Of the attachment. */
  readonly id: string;
  readonly volume: Volume;
  readonly attachment: VolumeAttachment;
}

const noSuchAttachment = (id: string): Fault =>
  new Fault('not-found', `Volume attachment could not be found with filter: attachment_id = ${id}.`);

const pagedAttachments: Paged<Held> = {
  columns: new Set([
    'id',
    'volume_id',
    'instance_uuid',
    'attached_host',
    'mountpoint',
    'attach_time',
    'attach_status',
    'attach_mode',
    'created_at',
    'updated_at',
  ]),
  columnsOf: ({ id, volume, attachment }) => ({
    id,
    volume_id: volume.id,
    instance_uuid: attachment.serverId,
    attached_host: attachment.host,
    mountpoint: attachment.device,
    attach_time: attachment.attachedAt,
    attach_status: attachment.status,
    attach_mode: attachment.mode,
  }),
  noMarker: noSuchAttachment,
};

export function attachmentRoutes(volumes: Volumes): Route[] {
  const brief = ({ volume, attachment }: Held) => ({
    id: attachment.id,
    status: attachment.status,
    instance: attachment.serverId,
    volume_id: volume.id,
  });
  const detail = (held: Held) => ({
    ...brief(held),
    attached_at: timeOf(held.attachment.attachedAt) ?? '',
    detached_at: '',
    attach_mode: held.attachment.mode,
    connection_info: held.attachment.host === null ? {} : connection(held),
  });
  const listed = (view: (held: Held) => Record<string, unknown>) => async (asked: Asked) => {
    const found = all(volumes).filter((held) => isListed(asked, held));
    return json(200, { attachments: pageOf(asked, pagedAttachments, found).map(view) });
  };
  const one = (asked: Asked): Held => {
    const id = asked.params['attachment_id'] ?? '';
    const held = all(volumes).find(({ attachment }) => attachment.id === id);
    const isOwn = held && (asked.caller.isAdmin || held.volume.projectId === asked.caller.projectId);
    if (!isOwn) throw noSuchAttachment(id);
    return held;
  };
  return [
    route('GET /attachments', 'reader', listed(brief), since),
    route('GET /attachments/detail', 'reader', listed(detail), since),
    route(`GET ${of}`, 'reader', async (asked) => json(200, { attachment: detail(one(asked)) }), since),
    route(
      'POST /attachments',
      'member',
      async (asked) => json(200, { attachment: detail(await create(volumes, asked)) }),
      since,
    ),
    route(
      `PUT ${of}`,
      'member',
      async (asked) => {
        const { connector } = await bodyUnder(asked, 'attachment');
        if (!isObject(connector)) throw required('connector');
        const { volume, attachment } = one(asked);
        const changed: VolumeAttachment = { ...attachment, ...connected(connector), status: 'attaching' };
        keep(volumes, volume, changed, 'attaching');
        return json(200, { attachment: detail(held(volume, changed)) });
      },
      since,
    ),
    route(
      `POST ${of}/action`,
      'member',
      async (asked) => {
        const body = await asked.readJson();
        const { volume, attachment } = one(asked);
        if (!('os-complete' in body)) throw noSuchAction(Object.keys(body)[0] ?? '');
        keep(volumes, volume, { ...attachment, status: 'attached', attachedAt: volumes.now() }, 'in-use');
        return noContent();
      },
      { since: '3.44' },
    ),
    route(
      `DELETE ${of}`,
      'member',
      async (asked) => {
        const { volume, attachment } = one(asked);
        const attachments = volume.attachments.filter(({ id }) => id !== attachment.id);
        volumes.change(volume, { attachments, status: attachments.length > 0 ? 'in-use' : 'available' });
        return json(200, { attachments: attachments.map((left) => brief(held(volume, left))) });
      },
      since,
    ),
  ];
}

const all = (volumes: Volumes): Held[] =>
  [...volumes.volumes.values()].flatMap((volume) => volume.attachments.map((attachment) => held(volume, attachment)));

const held = (volume: Volume, attachment: VolumeAttachment): Held => ({ id: attachment.id, volume, attachment });

function isListed({ caller, query }: Asked, { volume, attachment }: Held): boolean {
  const everybody = caller.isAdmin && booleanWord(query.get('all_tenants') ?? 'false') === true;
  const is = (name: string, value: string | null): boolean => !query.has(name) || query.get(name) === value;
  return (
    (everybody || volume.projectId === caller.projectId) &&
    is('volume_id', volume.id) &&
    is('instance_id', attachment.serverId) &&
    is('status', attachment.status) &&
    is('attach_status', attachment.status)
  );
}

const connection = ({ volume, attachment }: Held) => ({
  driver_volume_type: 'iscsi',
  target_portal: '127.0.0.1:3260',
  target_iqn: `iqn.2010-10.org.openstack:volume-${volume.id}`,
  target_lun: 1,
  access_mode: attachment.mode,
  attachment_id: attachment.id,
});

const connected = (connector: Record<string, unknown>) => ({
  host: typeof connector['host'] === 'string' ? connector['host'] : null,
  device: typeof connector['mountpoint'] === 'string' ? connector['mountpoint'] : null,
});

function keep(volumes: Volumes, volume: Volume, attachment: VolumeAttachment, status: string): void {
  const attachments = volume.attachments.map((one) => (one.id === attachment.id ? attachment : one));
  volumes.change(volume, { attachments, status });
}

/** @throws Fault 400 for a volume that is held */
async function create(volumes: Volumes, asked: Asked): Promise<Held> {
  const given = await bodyUnder(asked, 'attachment');
  if (given['volume_uuid'] === undefined) throw required('volume_uuid');
  const volume = requireRow(volumes.volumes, 'Volume', asked, given['volume_uuid']);
  const { connector, instance_uuid: serverId, mode } = given;
  volumes.reserve(volume.id);
  const isReady = isObject(connector) && Object.keys(connector).length > 0;
  const attachment: VolumeAttachment = {
    id: randomUUID(),
    serverId: typeof serverId === 'string' ? serverId : null,
    mode: mode === 'ro' ? 'ro' : 'rw',
    attachedAt: null,
    ...(isReady ? { ...connected(connector), status: 'attaching' } : { host: null, device: null, status: 'reserved' }),
  };
  const status = volume.attachments.length > 0 ? 'in-use' : attachment.status;
  volumes.change(volume, { status, attachments: [...volume.attachments, attachment] });
  return held(volume, attachment);
}
