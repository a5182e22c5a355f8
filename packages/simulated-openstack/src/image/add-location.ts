/**
 * `/images/{id}/locations`, since 2024.2: services say and are told where the bytes are, and others may name what an HTTP store
 * reads. @see openstack/glance:glance/api/v2/images.py add_location, glance/async_/flows/location_import.py
 */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { objectOf } from '@cascade/openstack-adapter/image/request-body.js';
import { isAllowed } from './import.js';
import type { Validation } from './image.js';
import { addTask } from './import-task.js';
import { requireImage, requireOwnImage, type Images } from './images.js';
import { hasBytes, storeId } from './view.js';

const path = '/images/{image_id}/locations';

export const locationRoutes = (images: Images): Route[] => [
  route(`GET ${path}`, 'reader', async (asked) => {
    const image = requireImage(images, asked.caller, idIn(asked));
    if (!isService(asked))
      throw new Fault('forbidden', 'You are not authorized to complete fetch_image_location action.');
    const url = image.location ?? `file:///var/lib/glance/images/${image.id}`;
    return json(200, hasBytes(image) ? [{ url, metadata: { store: storeId } }] : []);
  }),
  route(`POST ${path}`, 'reader', (asked) => addLocation(images, asked)),
];

const idIn = ({ params }: Asked): string => params['image_id'] ?? '';
const isService = ({ caller }: Asked): boolean => caller.roles.includes('service');

async function addLocation(images: Images, asked: Asked) {
  const body = await objectOf(asked);
  const image = requireImage(images, asked.caller, idIn(asked));
  if (image.status !== 'queued') {
    throw new Fault('conflict', `It's not allowed to add locations if image status is ${image.status}.`);
  }
  if (!isService(asked)) requireOwnImage(images, asked.caller, image.id, 'add_image_location');
  const { url, validation_data: given = {} } = body;
  if (typeof url !== 'string') throw new Fault('bad-request', "'url' is a required property");
  if (!isService(asked) && !(images.hasHttpStore && url.startsWith('http')))
    throw new Fault('forbidden', 'http store must be enabled to use location API by normal user.');
  const validation = checked(given);
  const location = URL.canParse(url) ? new URL(url) : undefined;
  if (!location || (location.protocol.startsWith('http') && !isAllowed(images, location)))
    throw new Fault('bad-request', `URI for add location does not pass filtering: ${url}`);
  const { id: taskId } = addTask(images, asked, image, body);
  images.after('image import', 'add location', { id: image.id, taskId, url, validation });
  return noContent(202);
}

/** Hexadecimal digits of each kind of hash. */
const lengths: Readonly<Record<string, number>> = { md5: 32, sha1: 40, sha256: 64, sha512: 128 };

/** @throws Fault 400 */
function checked(given: unknown): Validation {
  if (!isObject(given)) throw new Fault('bad-request', "Provided object does not match schema 'location'");
  const { os_hash_algo: algorithm, os_hash_value: value, ...others } = given;
  const isPair = (algorithm === undefined) === (value === undefined);
  if (Object.keys(others).length > 0 || !isPair || (algorithm !== undefined && !lengths[String(algorithm)]))
    throw new Fault('bad-request', "Provided object does not match schema 'location'");
  if (value === undefined) return {};
  const want = lengths[String(algorithm)]!;
  if (!/^([0-9a-f]{2})*$/i.test(String(value)))
    throw new Fault('bad-request', `os_hash_value (${String(value)}) is not a valid hexadecimal value`);
  if (String(value).length === want) return { os_hash_algo: String(algorithm), os_hash_value: String(value) };
  const size = `${String(value)}) is not the correct size for (${String(algorithm)}) (should be (${want / 2}) bytes)`;
  throw new Fault('bad-request', `os_hash_value: (${size}`);
}
