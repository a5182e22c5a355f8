/** The documents below `/schemas`, which clients of Glance build their models from. @see openstack/glance:glance/api/v2/images.py get_schema */
const uuid = '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$';

export const diskFormats = ['ami', 'ari', 'aki', 'vhd', 'vhdx', 'vmdk', 'raw', 'qcow2', 'vdi', 'iso', 'ploop'];
export const containerFormats = ['ami', 'ari', 'aki', 'bare', 'ovf', 'ova', 'docker', 'compressed'];
export const visibilities = ['community', 'public', 'private', 'shared'];

const statuses = [
  'queued',
  'saving',
  'active',
  'killed',
  'deleted',
  'uploading',
  'importing',
  'pending_delete',
  'deactivated',
];

interface Property {
  readonly type: string | readonly string[];
  readonly readOnly?: true;
  readonly description: string;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly enum?: readonly (string | null)[];
  readonly items?: unknown;
  readonly is_base?: false;
}

const nullable = ['null', 'string'] as const;
const readOnly = true as const;
const shown = (type: Property['type'], description: string, more: object = {}): Property => ({
  type,
  readOnly,
  description,
  ...more,
});
const custom = (description: string, type: Property['type'] = 'string', more: object = {}): Property => ({
  type,
  ...more,
  description,
  is_base: false,
});

/** What an image has; whatever else it is given is a custom property, and text. */
export const imageProperties: Readonly<Record<string, Property>> = {
  id: { type: 'string', description: 'An identifier for the image', pattern: uuid },
  name: { type: nullable, description: 'Descriptive name for the image', maxLength: 255 },
  status: shown('string', 'Status of the image', { enum: statuses }),
  visibility: { type: 'string', description: 'Scope of image accessibility', enum: visibilities },
  protected: { type: 'boolean', description: 'If true, image will not be deletable.' },
  os_hidden: { type: 'boolean', description: 'If true, image will not appear in default image list response.' },
  checksum: shown(nullable, 'md5 hash of image contents.', { maxLength: 32 }),
  os_hash_algo: shown(nullable, 'Algorithm to calculate the os_hash_value', { maxLength: 64 }),
  os_hash_value: shown(nullable, 'Hexdigest of the image contents using the algorithm specified by the os_hash_algo', {
    maxLength: 128,
  }),
  owner: { type: nullable, description: 'Owner of the image', maxLength: 255 },
  size: shown(['null', 'integer'], 'Size of image file in bytes'),
  virtual_size: shown(['null', 'integer'], 'Virtual size of image in bytes'),
  container_format: { type: nullable, description: 'Format of the container', enum: [null, ...containerFormats] },
  disk_format: { type: nullable, description: 'Format of the disk', enum: [null, ...diskFormats] },
  created_at: shown('string', 'Date and time of image registration'),
  updated_at: shown('string', 'Date and time of the last image modification'),
  tags: {
    type: 'array',
    description: 'List of strings related to the image',
    items: { type: 'string', maxLength: 255 },
  },
  direct_url: shown('string', 'URL to access the image file kept in external store'),
  min_ram: { type: 'integer', description: 'Amount of ram (in MB) required to boot image.' },
  min_disk: { type: 'integer', description: 'Amount of disk space (in GB) required to boot image.' },
  self: shown('string', 'An image self url'),
  file: shown('string', 'An image file url'),
  stores: shown(
    'string',
    'Store in which image data resides.  Only present when the operator has enabled multiple stores.  May be a comma-separated list of store identifiers.',
  ),
  schema: shown('string', 'An image schema url'),
  locations: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        url: { type: 'string', maxLength: 255 },
        metadata: { type: 'object' },
        validation_data: {
          description:
            "Values to be used to populate the corresponding image properties. If the image status is not 'queued', values must exactly match those already contained in the image properties.",
          type: 'object',
          writeOnly: true,
          additionalProperties: false,
          properties: {
            checksum: { type: 'string', minLength: 32, maxLength: 32 },
            os_hash_algo: { type: 'string', maxLength: 64 },
            os_hash_value: { type: 'string', maxLength: 128 },
          },
          required: ['os_hash_algo', 'os_hash_value'],
        },
      },
      required: ['url', 'metadata'],
    },
    description: 'A set of URLs to access the image file kept in external store',
  },
  kernel_id: custom(
    'ID of image stored in Glance that should be used as the kernel when booting an AMI-style image.',
    nullable,
    { pattern: uuid },
  ),
  ramdisk_id: custom(
    'ID of image stored in Glance that should be used as the ramdisk when booting an AMI-style image.',
    nullable,
    { pattern: uuid },
  ),
  instance_uuid: custom(
    'Metadata which can be used to record which instance this image is associated with. (Informational only, does not create an instance snapshot.)',
  ),
  architecture: custom(
    'Operating system architecture as specified in https://docs.openstack.org/python-glanceclient/latest/cli/property-keys.html',
  ),
  os_distro: custom(
    'Common name of operating system distribution as specified in https://docs.openstack.org/python-glanceclient/latest/cli/property-keys.html',
  ),
  os_version: custom('Operating system version as specified by the distributor.'),
  description: custom('A human-readable string describing this image.'),
};

const describedBy = { rel: 'describedby', href: '{schema}' };

const image = {
  name: 'image',
  properties: imageProperties,
  additionalProperties: { type: 'string' },
  links: [{ rel: 'self', href: '{self}' }, { rel: 'enclosure', href: '{file}' }, describedBy],
};

const text = (description: string, more: object = {}) => ({ type: 'string', description, ...more });

const member = {
  name: 'member',
  properties: {
    member_id: text('An identifier for the image member (tenantId)'),
    image_id: text('An identifier for the image', { pattern: uuid }),
    created_at: text('Date and time of image member creation'),
    updated_at: text('Date and time of last modification of image member'),
    status: text('The status of this image member', { enum: ['pending', 'accepted', 'rejected'] }),
    schema: { readOnly: true, type: 'string' },
  },
};

const task = {
  name: 'task',
  properties: {
    id: text('An identifier for the task', { pattern: uuid }),
    type: text('The type of task represented by this content', { enum: ['import', 'api_image_import'] }),
    status: text('The current status of this task', { enum: ['pending', 'processing', 'success', 'failure'] }),
    input: { description: 'The parameters required by task, JSON blob', type: ['null', 'object'] },
    result: { description: 'The result of current task, JSON blob', type: ['null', 'object'] },
    owner: text('An identifier for the owner of this task'),
    message: text('Human-readable informative message only included when appropriate (usually on failure)'),
    image_id: text('Image associated with the task'),
    request_id: text('Human-readable informative request-id'),
    user_id: text('User associated with the task'),
    expires_at: { description: 'Datetime when this resource would be subject to removal', type: ['null', 'string'] },
    created_at: text('Datetime when this resource was created'),
    updated_at: text('Datetime when this resource was updated'),
    self: { readOnly: true, type: 'string' },
    schema: { readOnly: true, type: 'string' },
  },
};

const page = { first: { type: 'string' }, next: { type: 'string' }, schema: { type: 'string' } };
const pageLinks = [{ rel: 'first', href: '{first}' }, { rel: 'next', href: '{next}' }, describedBy];
const listOf = (name: string, items: object) => ({ [name]: { type: 'array', items } });

export const schemas: Readonly<Record<string, object>> = {
  image,
  images: { name: 'images', properties: { ...listOf('images', image), ...page }, links: pageLinks },
  member,
  members: {
    name: 'members',
    properties: { ...listOf('members', member), schema: { type: 'string' } },
    links: [describedBy],
  },
  task,
  tasks: { name: 'tasks', properties: { ...listOf('tasks', task), ...page }, links: pageLinks },
};
