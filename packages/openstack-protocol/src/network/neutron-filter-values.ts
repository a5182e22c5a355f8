/**
 * What Neutron makes of a filter's value before it compares it.
 * @see openstack/neutron-lib:neutron_lib/api/converters.py, openstack/neutron:neutron/extensions/securitygroup.py
 */
import { booleanWord } from '../filters/boolean-word.js';
import { Fault } from '../faults.js';
import { formatAddress, formatPrefix, parseAddress, prefixAt, type Address } from './ip-addresses.js';
import { pythonInteger } from '../validation/python-literal.js';
import { parseIsoTime } from '../filters/filter-operators.js';
import { collated, numberInText } from '../filters/text-collation.js';

/**
 * `text` and what is left of the others as text is compared as MySQL does; `exact` by Neutron itself, character by
 * character; `number` by MySQL with a number; `checked` must be a boolean, `pairs` be written as such, and `ignored` may be
 * anything: none of these filters.
 */
export type FilterForm =
  | 'text'
  | 'exact'
  | 'boolean'
  | 'checked'
  | 'ignored'
  | 'pairs'
  | 'integer'
  | 'number'
  | 'port'
  | 'mac'
  | 'address'
  | 'cidr'
  | 'prefix'
  | 'protocol'
  | 'ethertype';

/** Attributes whose filters are not what the type of their values says. */
const forms: Readonly<Record<string, FilterForm>> = {
  allowed_address_pairs: 'pairs',
  cidr: 'cidr',
  distributed: 'checked',
  ethertype: 'ethertype',
  gateway_ip: 'address',
  ha: 'checked',
  is_default: 'checked',
  mac_address: 'mac',
  normalized_cidr: 'ignored',
  port_range_max: 'port',
  port_range_min: 'port',
  port_security_enabled: 'checked',
  protocol: 'protocol',
  'provider:network_type': 'exact',
  'provider:physical_network': 'exact',
  remote_ip_prefix: 'prefix',
  revision_number: 'number',
  segments: 'pairs',
  sub_ports: 'pairs',
};

/** How a filter of this name is read; undefined where the type of its values tells it. */
export const filterFormOf = (name: string): FilterForm | undefined =>
  Object.hasOwn(forms, name) ? forms[name] : undefined;

/** A value as it is compared: text without what MySQL does not tell apart. Undefined for what nothing is equal to. */
export type Comparable = string | number | boolean | undefined;

/** @throws Fault 400 for a value that does not parse */
export function filterValue(form: FilterForm, text: string): Comparable {
  switch (form) {
    case 'exact':
    case 'ignored':
      return text;
    case 'text':
      return collated(text);
    case 'boolean':
    case 'checked':
      return booleanOf(text);
    case 'integer':
      return pythonInteger(text) ?? refuse(`'${text}' is not an integer`);
    case 'number':
      return numberInText(text);
    case 'pairs':
      pairsOf([text]);
      return text;
    case 'port':
      return portOf(text);
    case 'mac':
      return collated(macOf(text) ?? text);
    case 'address':
      return collated(addressOf(text));
    case 'cidr':
      return collated(cidrOf(text));
    case 'prefix':
      return text === '' ? undefined : collated(prefixOf(text));
    case 'protocol':
      return collated(protocolOf(text));
    case 'ethertype':
      return collated(ethertypeOf(text));
  }
}

/** A kept value in the same shape. */
export function keptValue(form: FilterForm, value: unknown): Comparable {
  if (value === null || value === undefined) return undefined;
  return typeof value === 'string' && form !== 'exact' ? collated(value) : (value as Comparable);
}

function refuse(reason: string): never {
  throw new Fault('bad-request', `Invalid input for operation: ${reason}.`, { type: 'InvalidInput' });
}

/** @see oslo.utils strutils.bool_from_string(strict=True) */
export const booleanOf = (text: string): boolean =>
  booleanWord(text) ?? refuse(`'${text}' cannot be converted to boolean`);

/** True of what is no filter, and whose values are converted all the same where names are not validated. */
export const isOnlyConverted = (form: string): boolean => form === 'checked' || form === 'pairs';

/**
 * `subnet_id=…` and its like; the name alone, as a command writes it, says nothing.
 * @throws Fault 400
 * @see openstack/neutron-lib:neutron_lib/api/converters.py convert_kvp_list_to_dict
 */
export function pairsOf(values: readonly string[]): [key: string, value: string][] {
  if (values.length === 1 && values[0] === 'True') return [];
  return values.map((text) => {
    const [, key = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    return key.trim() === '' ? refuse(`'${text}' is not of the form <key>=[value]`) : [key.trim(), value.trim()];
  });
}

function portOf(text: string): number {
  const port = pythonInteger(text);
  if (port !== undefined && port >= 0 && port <= 65_535) return port;
  throw new Fault('bad-request', `Invalid value for port ${text}`, { type: 'SecurityGroupInvalidPortValue' });
}

const byte = '([0-9a-f]{1,2})';
const macForms = [
  ...[':', '-'].map((sign) => new RegExp(`^${Array(6).fill(byte).join(sign)}$`, 'i')),
  ...[':', '-', '\\.'].map((sign) => new RegExp(`^${Array(3).fill('([0-9a-f]{1,4})').join(sign)}$`, 'i')),
  ...['-', ':'].map((sign) => new RegExp(`^${Array(2).fill('([0-9a-f]{5,6})').join(sign)}$`, 'i')),
  /^([0-9a-f]{11,12})$/i,
];

/** @see netaddr's EUI, and neutron_lib's convert_to_sanitized_mac_address */
function macOf(text: string): string | undefined {
  const parts = macForms.map((form) => form.exec(text)?.slice(1)).find(Boolean);
  const digits = parts?.map((part) => part.padStart(12 / parts.length, '0')).join('');
  return digits?.toLowerCase().match(/../g)?.join(':');
}

/** IPv4 stays as it is written. */
function addressOf(text: string): string {
  const address = parseAddress(text);
  return address?.version === 6 ? formatAddress(address) : text;
}

function cidrOf(text: string): string {
  const found = networkIn(text) ?? refuse(`${text} is not in a CIDR format`);
  return formatPrefix(prefixAt(found.address, found.length));
}

/** The address keeps the bits behind the prefix. */
function prefixOf(text: string): string {
  const found = networkIn(text);
  if (found) return `${formatAddress(found.address)}/${found.length}`;
  throw new Fault('bad-request', `Invalid CIDR ${text} given as IP prefix.`, { type: 'InvalidCIDR' });
}

/** What netaddr's IPNetwork reads: `10.1/16`, `10.1.0.0/255.255.0.0`, `10.1.0.0/0.0.255.255`; an address alone is all of it. */
function networkIn(text: string): { address: Address; length: number } | undefined {
  const [host = '', mask, ...more] = text.split('/');
  const address = more.length > 0 ? undefined : host.includes(':') ? parseAddress(host) : dotted(host);
  if (!address) return undefined;
  const bits = address.version === 4 ? 32 : 128;
  const length = mask === undefined ? bits : (pythonInteger(mask) ?? lengthOf(parseAddress(mask), address.version));
  return length !== undefined && length >= 0 && length <= bits ? { address, length } : undefined;
}

/** Up to four numbers; those that are left out are 0. */
function dotted(host: string): Address | undefined {
  const numbers = host.split('.').map((part) => pythonInteger(part));
  if (numbers.length > 4 || !numbers.every((one) => one !== undefined && one >= 0 && one <= 255)) return undefined;
  return parseAddress([...numbers, 0, 0, 0].slice(0, 4).join('.'));
}

/** Of a mask of the network's bits, or of the hosts'. */
function lengthOf(mask: Address | undefined, version: 4 | 6): number | undefined {
  if (mask?.version !== version) return undefined;
  const bits = mask.value.toString(2).padStart(version === 4 ? 32 : 128, '0');
  if (/^1*0*$/.test(bits)) return bits.indexOf('0') < 0 ? bits.length : bits.indexOf('0');
  return /^0+1+$/.test(bits) ? bits.indexOf('1') : undefined;
}

const protocols = [
  'ah',
  'dccp',
  'egp',
  'esp',
  'gre',
  'hopopt',
  'icmp',
  'igmp',
  'ip',
  'ipip',
  'ipv6-encap',
  'ipv6-frag',
  'ipv6-icmp',
  'icmpv6',
  'ipv6-nonxt',
  'ipv6-opts',
  'ipv6-route',
  'ospf',
  'pgm',
  'rsvp',
  'sctp',
  'tcp',
  'udp',
  'udplite',
  'vrrp',
];

/** A number and a name are two protocols to a filter. */
function protocolOf(text: string): string {
  const number = pythonInteger(text);
  if (number === undefined ? protocols.includes(text.toLowerCase()) : number >= 0 && number <= 255) return text;
  const known = protocols.map((one) => `'${one}'`).join(', ');
  const words = `Security group rule protocol ${text} not supported. Only protocol values [None, ${known}] and integer representations [0 to 255] are supported.`;
  throw new Fault('bad-request', words, { type: 'SecurityGroupRuleInvalidProtocol' });
}

function ethertypeOf(text: string): string {
  const found = ['IPv4', 'IPv6'].find((one) => one.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  const words = `Security group rule for ethertype '${text}' not supported. Allowed values are ['IPv4', 'IPv6'].`;
  throw new Fault('bad-request', words, { type: 'SecurityGroupRuleInvalidEtherType' });
}

/** @throws Fault 400 */
export function changedSince(text: string): Date {
  const time = parseIsoTime(text);
  return time ?? refuse('The input changed_since must be in the following format: YYYY-MM-DDTHH:MM:SSZ');
}
