import { json, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { atLeast } from '@cascade/openstack-protocol/microversion.js';
import type { Asked } from '@cascade/openstack-protocol/server/route.js';

/** From 1.15 on answers say how fresh they are, which is always now. */
export function fresh(asked: Asked, body: unknown): OpenStackResponse {
  if (!atLeast(asked.microversion, '1.15')) return json(200, body);
  return json(200, body, { 'last-modified': new Date().toUTCString(), 'cache-control': 'no-cache' });
}
