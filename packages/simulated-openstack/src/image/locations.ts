/**
 * Where an image's bytes are, which callers may say where Glance shows it (`show_multiple_locations`). The one store of a
 * simulated cloud keeps files, of which no caller may name one: every location is refused.
 * @see openstack/glance:glance/api/v2/images.py _do_add_locations, glance/location.py check_location_uri
 */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Image, Operation } from './image.js';

/** @throws Fault 400, 403, 409: always */
export function refuseLocations({ status }: Image, { op, path, value }: Operation): never {
  const may = status === 'active' || (status === 'queued' && op !== 'remove');
  if (op === 'replace' && Array.isArray(value) && value.length === 0) {
    throw new Fault('forbidden', 'Access was denied to this resource.', {
      detail: 'Cannot set locations to empty list.',
    });
  }
  if (!may) {
    throw new Fault('conflict', `It's not allowed to ${op} locations if image status is ${status}.`);
  }
  if (op === 'remove') {
    throw new Fault('forbidden', 'Access was denied to this resource.', {
      detail: 'Cannot remove last location in the image.',
    });
  }
  if (op === 'add' && !/^(\d+|-)$/.test(path[1] ?? '')) {
    throw new Fault('bad-request', 'Invalid position for adding a location.');
  }
  throw new Fault('bad-request', 'Invalid location');
}
