/** Formats of Cinder's request schemas, and what it says of what is none. @see openstack/cinder:cinder/api/validation/validators.py */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { addFormat, addValueFormat, pythonRepr } from '@cascade/openstack-protocol/compute/nova-schema.js';

const most = 255;
const invalidName = (why: string): string => `An invalid 'name' value was provided. The 'name' can not be ${why}`;

addFormat(
  'cinder name',
  (text) => text.trim() !== '',
  (text) => invalidName(text === '' ? 'None.' : 'empty.'),
);
addFormat(
  'cinder name_skip_leading_trailing_spaces',
  (text) => text.trim() !== '' && text.trim().length <= most,
  (text) => invalidName(text === '' ? 'None.' : text.trim() === '' ? 'empty.' : `greater than ${most} characters.`),
);
/** Texts that may be empty, and are measured without the spaces around them. */
for (const [format, what] of [
  ['name_non_mandatory_remove_white_spaces', 'name'],
  ['description_non_mandatory_remove_white_spaces', 'description'],
] as const) {
  addFormat(`cinder ${format}`, (text) => text.trim().length <= most, tooLong(what));
}
addFormat(
  'cinder availability_zone',
  (text) => text.trim() !== '' && text.trim().length <= most,
  (text) =>
    text === ''
      ? "The 'availability_zone' can not be None."
      : text.trim() === ''
        ? 'Invalid input received: availability_zone has 0 characters, less than 1.'
        : tooLong('availability_zone')(text),
);
addFormat('cinder group_type', (text) => text.trim() !== '' && text.trim().length <= most);
addFormat(
  'cinder progress',
  (text) => text === '' || /^\+?0*(\d\d?|100)%$/.test(text),
  (text) =>
    `Invalid input received: progress must be an integer percentage${/^[+-]?\d+.$/.test(text) ? ' between 0 and 100' : ''}`,
);
addValueFormat(
  'cinder validate_volume_reset_body',
  (value) => !isObject(value) || ['status', 'attach_status', 'migration_status'].some((name) => value[name]),
  () => "Must specify 'status', 'attach_status' or 'migration_status' for update.",
);
addFormat('cinder disabled_reason', (text) => (text.trim() === '' ? text === '' : text.trim().length <= most));
addValueFormat(
  'cinder key_size',
  (value) => typeof value !== 'string' || /^\d+$/.test(value),
  () => 'Invalid input received: key_size must be an integer.',
);
addValueFormat(
  'cinder level',
  (value) => ['critical', 'debug', 'error', 'info', 'warning'].includes(String(value).toLowerCase()),
  (value) => `Invalid input received: ${typeof value === 'string' ? value : ''} is not a valid log level.`,
);
// Which quotas there are is known to the cloud alone; the operations look.
for (const format of ['quota_set', 'quota_class_set']) addValueFormat(`cinder ${format}`, () => true);

function tooLong(what: string) {
  return (text: string): string =>
    `Invalid input received: ${what} has ${text.trim().length} characters, more than ${most}.`;
}

interface Statuses {
  readonly format: string;
  /** As it begins the refusal. */
  readonly word: string;
  readonly valid: readonly string[];
  /** Python prints its tuples and its lists each in their way. */
  readonly isList?: true;
  readonly mayBeEmpty?: true;
}

function addStatuses({ format, word, valid, isList, mayBeEmpty }: Statuses): void {
  const among = valid.map(pythonRepr).join(', ');
  addFormat(
    `cinder ${format}`,
    (text) => (text === '' && mayBeEmpty === true) || valid.includes(text.toLowerCase()),
    (text) => `${word}: ${text} is invalid, valid statuses are: ${isList ? `[${among}]` : `(${among})`}.`,
  );
}

addStatuses({
  format: 'volume_status',
  word: 'Volume status',
  mayBeEmpty: true,
  valid: [
    'creating',
    'available',
    'deleting',
    'error',
    'error_deleting',
    'error_managing',
    'managing',
    'attaching',
    'in-use',
    'detaching',
    'maintenance',
    'restoring-backup',
    'error_restoring',
    'reserved',
    'awaiting-transfer',
    'backing-up',
    'error_backing-up',
    'error_extending',
    'downloading',
    'uploading',
    'retyping',
    'extending',
  ],
});
addStatuses({
  format: 'volume_attach_status',
  word: 'Volume attach status',
  mayBeEmpty: true,
  isList: true,
  valid: ['attached', 'detached'],
});
addStatuses({
  format: 'volume_migration_status',
  word: 'Volume migration status',
  mayBeEmpty: true,
  valid: ['migrating', 'error', 'success', 'completing', 'none', 'starting'],
});
addStatuses({
  format: 'snapshot_status',
  word: 'Snapshot status',
  valid: [
    'error',
    'available',
    'creating',
    'deleting',
    'deleted',
    'updating',
    'error_deleting',
    'unmanaging',
    'backing-up',
    'restoring',
  ],
});
addStatuses({ format: 'backup_status', word: 'Backup status', isList: true, valid: ['available', 'error'] });

const groupSnapshotStatuses = ['error', 'available', 'creating', 'deleting', 'deleted', 'updating', 'error_deleting'];
addStatuses({
  format: 'group_snapshot_status',
  word: 'Invalid GroupSnapshot Status: Group snapshot status',
  valid: groupSnapshotStatuses,
});
// `in-use` is named among the valid ones, and refused all the same.
addFormat(
  'cinder group_status',
  (text) => groupSnapshotStatuses.includes(text.toLowerCase()),
  (text) => {
    const named = [...groupSnapshotStatuses.slice(0, -1), 'in-use', 'error_deleting'].map(pythonRepr).join(', ');
    return text.trim() === ''
      ? "Invalid Group Status: The 'status' can not be empty."
      : `Invalid Group Status: Group status: ${text} is invalid, valid status are: (${named}).`;
  },
);
