/**
 * `web-download`: the site fetches a URL that a tenant names, from within the site's own network. A URL that leads there is
 * refused here. What its name resolves to is asked here too, but the site asks again.
 */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { isObject, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';

/** Addresses that are nobody's on the internet: this host, links, private and shared networks, tests, groups, the reserved. */
const inward = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  inward.addSubnet(network, bits, 'ipv4');
// Among them those that carry an IPv4 address within: NAT64, Teredo, 6to4.
for (const [network, bits] of [
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  inward.addSubnet(network, bits, 'ipv6');

export const isInward = (address: string): boolean => inward.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** All addresses of a host's name. */
export type Resolve = (host: string) => Promise<readonly string[]>;

const resolve: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/** The URL in the body of an import; undefined where the method is another. */
export function uriIn(raw: Buffer): string | undefined {
  const body = tryJson(raw);
  const method = isObject(body) ? body['method'] : undefined;
  const isDownload = isObject(method) && method['name'] === 'web-download';
  return isDownload && typeof method['uri'] === 'string' ? method['uri'] : undefined;
}

/** In Glance's words. @see openstack/glance:glance/api/v2/images.py import_image */
export const refused = (uri: string): Fault =>
  new Fault('bad-request', `URI for web-download does not pass filtering: ${uri}`);

export interface Outward {
  /** As one parser alone reads it: without addresses in decimal, octal, hexadecimal or short spelling. */
  readonly url: URL;
  /** All that its host has, and none of them leads inward. */
  readonly addresses: readonly string[];
}

/** @throws Fault 400 */
export async function requireOutward(
  uri: string,
  resolveHost: Resolve = resolve,
  leadsInward = isInward,
): Promise<Outward> {
  // What two parsers read differently (a backslash, a user before the host) may be another host to the site than to us.
  if (!/^[\x21-\x5b\x5d-\x7e]+$/.test(uri) || /^[^/]*\/\/[^/?#]*@/.test(uri)) throw refused(uri);
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw refused(uri);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(host) ? [host] : await resolveHost(host).catch(() => []);
  if (addresses.length === 0 || addresses.some(leadsInward)) throw refused(uri);
  return { url, addresses };
}
