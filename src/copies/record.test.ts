import { expect, test } from 'vitest';
import { followed, steps } from './record.js';

const image = {
  id: 'a',
  name: 'i',
  status: 'active',
  visibility: 'private',
  owner: 'p',
  protected: false,
  os_hidden: false,
  tags: ['b', 'a'],
  disk_format: 'raw',
  container_format: 'bare',
  min_disk: 0,
  min_ram: 0,
  size: 5,
  checksum: 'c',
  os_hash_algo: 'sha512',
  os_hash_value: 'h',
  stores: 'file',
  direct_url: 'file:///x',
  locations: [],
  os_glance_import_task: 't',
  hw_disk_bus: 'scsi',
  nothing: null,
  self: '/v2',
  file: '/v2',
  schema: '/v2',
  created_at: 't',
  updated_at: 't',
  virtual_size: null,
};

test('a copy has in common what is not its site’s own to say', () => {
  expect(Object.keys(followed(image)).sort()).toEqual([
    'container_format',
    'disk_format',
    'hw_disk_bus',
    'min_disk',
    'min_ram',
    'name',
    'os_hidden',
    'owner',
    'protected',
    'tags',
    'visibility',
  ]);
});

test('copies of one mind need no step, in whatever order their tags are', () => {
  expect(steps(image, { ...image, id: 'b', tags: ['a', 'b'], updated_at: 'later', stores: 'ceph' })).toEqual([]);
});

test('columns are replaced, properties come and go', () => {
  const { hw_disk_bus: _, ...copy } = { ...image, name: null, old: 'x' };
  expect(steps(image, copy)).toEqual([
    { op: 'replace', path: '/name', value: 'i' },
    { op: 'add', path: '/hw_disk_bus', value: 'scsi' },
    { op: 'remove', path: '/old' },
  ]);
});

test('names of properties are spelled as JSON pointers', () => {
  expect(steps({ ...image, 'a/b~c': 'x' }, image)).toEqual([{ op: 'add', path: '/a~1b~0c', value: 'x' }]);
});
