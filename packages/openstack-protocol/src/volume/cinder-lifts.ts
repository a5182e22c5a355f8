/** Requests to an older Cinder and its responses, in the form of a newer one. */
import { valuesAt } from '../body-paths.js';
import { Fault } from '../faults.js';
import { changed, type Lift, type Lifting, type SentRequest } from '../microversion-steps.js';
import { isObject } from '../server/body.js';

type Item = Record<string, unknown>;
type Kind = 'volume' | 'snapshot' | 'backup';

/** What is shown since which microversion, and what it holds where the zone is older and does not tell. */
export const fieldsSince: Readonly<Record<Kind, Readonly<Record<string, readonly [since: string, untold?: unknown]>>>> =
  {
    volume: {
      group_id: ['3.13', null],
      provider_id: ['3.21'],
      shared_targets: ['3.48', true],
      service_uuid: ['3.48', null],
      cluster_name: ['3.61'],
      volume_type_id: ['3.63', null],
      encryption_key_id: ['3.64'],
      consumes_quota: ['3.65', true],
    },
    snapshot: {
      group_snapshot_id: ['3.14', null],
      user_id: ['3.41', null],
      consumes_quota: ['3.65', true],
    },
    backup: {
      'os-backup-project-attr:project_id': ['3.18'],
      metadata: ['3.43', {}],
      user_id: ['3.56'],
      encryption_key_id: ['3.64'],
    },
  };

/** Adds what a microversion shows of a kind. */
export const shows =
  (since: string, ...kinds: readonly Kind[]): Lift =>
  async (response) => {
    let lifted = response;
    for (const kind of kinds) {
      const untold = Object.entries(fieldsSince[kind]).flatMap(([name, [first, value]]) =>
        first === since && value !== undefined ? [[name, value] as const] : [],
      );
      lifted = await changed(lifted, [kind, `${kind}s[]`], (item) => {
        // What is brief has no status: a renamed backup, a list without details.
        for (const [name, value] of untold) if ('status' in item) item[name] ??= value;
      });
    }
    return lifted;
  };

const isSnapshotOrder = ({ method, path }: SentRequest): boolean => method === 'POST' && path === '/snapshots';

/**
 * The snapshot of a volume in use, which needed `force` before 3.66. What is now invalid is refused.
 * @see openstack/cinder:cinder/api/v3/snapshots.py create
 */
export const snapshotsInUse: Lifting = {
  request: (request) => {
    const { body } = request;
    if (!isSnapshotOrder(request) || !isObject(body) || !isObject(body['snapshot'])) return undefined;
    return { ...body, snapshot: { ...body['snapshot'], force: true } };
  },
  refusal: (request) => {
    const force = isSnapshotOrder(request) ? valuesAt(request.body, 'snapshot.force')[0]?.value : undefined;
    const isNo = force === false || (typeof force === 'string' && /^(0|f|false|off|n|no)$/i.test(force));
    const words =
      "Since microversion 3.66 the 'force' flag is invalid for this request.  For backward compatability, however, when " +
      "the 'force' flag is passed with a value evaluating to True, it is silently ignored.";
    return isNo ? new Fault('bad-request', words) : undefined;
  },
};

const ofVolumes = new Set([
  ...['availability_zone', 'backup_id', 'consistencygroup_id', 'description', 'display_description', 'display_name'],
  ...['group_id', 'imageRef', 'image_id', 'metadata', 'multiattach', 'name', 'size', 'snapshot_id', 'source_volid'],
  'volume_type',
]);

/** A create with fields that there are not, of which Cinder took no notice before 3.53. */
export const strictVolumes: Lifting = {
  refusal: ({ method, path, body }) => {
    const volume = method === 'POST' && path === '/volumes' ? valuesAt(body, 'volume')[0]?.value : undefined;
    const unknown = isObject(volume) ? Object.keys(volume as Item).find((name) => !ofVolumes.has(name)) : undefined;
    const words = `Additional properties are not allowed ('${unknown}' was unexpected)`;
    return unknown === undefined
      ? undefined
      : new Fault(
          'bad-request',
          `Invalid input for field/attribute volume. Value: ${JSON.stringify(volume)}. ${words}`,
        );
  },
};
