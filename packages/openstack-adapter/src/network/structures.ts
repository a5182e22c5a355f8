/**
 * Lists and dictionaries for which Neutron has validators of their own, with words of their own.
 * @see openstack/neutron-lib:neutron_lib/api/validators/__init__.py and allowedaddresspairs.py
 */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { canonical, formatPrefix, parsePrefix } from '@cascade/openstack-protocol/network/ip-addresses.js';
import { pythonRepr } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { badRequest, invalidInput, invalidValue } from './faults.js';
import { address, addressOrCidr, id, integer, mac, orNone, record, shown, text, type Reader } from './readers.js';

type Fields = Record<string, unknown>;

/** A list whose items are all dictionaries with exactly these keys. */
function records(value: unknown, name: string, what: string, keys: readonly string[]): Fields[] {
  if (!Array.isArray(value)) throw invalidValue(name, `Invalid data format for ${what}: '${shown(value)}'`);
  const listed = (names: readonly string[]): string => `{${[...names].sort().map(pythonRepr).join(', ')}}`;
  for (const one of value as unknown[]) {
    if (!isObject(one))
      throw invalidValue(name, `Invalid input. '${shown(one)}' must be a dictionary with keys: ${pythonRepr(keys)}`);
    const given = Object.keys(one);
    if (given.length === keys.length && keys.every((key) => given.includes(key))) continue;
    throw invalidValue(
      name,
      `Validation of dictionary's keys failed. Expected keys: ${listed(keys)} Provided keys: ${listed(given)}`,
    );
  }
  return value as Fields[];
}

const refuseTwice = (keys: readonly unknown[], refusal: (at: number) => Fault): void => {
  const twice = keys.findIndex((key, at) => keys.indexOf(key) !== at);
  if (twice >= 0) throw refusal(twice);
};

export const allocationPools: Reader = (value, name) =>
  records(value, name, 'IP pool', ['start', 'end']).map(({ start, end }) => ({
    start: address(start, name),
    end: address(end, name),
  }));

function routeDestination(value: unknown, name: string): string {
  const found = typeof value === 'string' ? parsePrefix(value) : undefined;
  if (!found) throw invalidValue(name, `'${shown(value)}' is not a valid CIDR`);
  const recommended = formatPrefix(found);
  const [host = '', length] = String(value).split('/');
  if (length === undefined || canonical(host) !== recommended.split('/')[0]) {
    throw invalidValue(name, `'${String(value)}' is not a recognized CIDR, '${recommended}' is recommended`);
  }
  return recommended;
}

export const hostRoutes: Reader = (value, name) => {
  if (value === null) return [];
  const routes = records(value, name, 'hostroute', ['destination', 'nexthop']).map(({ destination, nexthop }) => ({
    destination: routeDestination(destination, name),
    nexthop: address(nexthop, name),
  }));
  const keys = routes.map((route) => pythonRepr(route));
  refuseTwice(keys, (at) => invalidValue(name, `Duplicate hostroute '${keys[at]}'`));
  return routes;
};

/** A text is the list of its letters, as it is for Python. */
export const nameservers: Reader = (value, name) => {
  if (value === null) return [];
  const hosts: unknown = typeof value === 'string' ? [...value] : value;
  if (!Array.isArray(hosts)) throw invalidValue(name, `Invalid data format for nameserver: '${shown(value)}'`);
  const read = hosts.map((host: unknown) => {
    const found = typeof host === 'string' ? canonical(host) : undefined;
    if (found !== undefined) return found;
    const word = shown(host);
    throw invalidValue(name, `'${word}' is not a valid nameserver. '${word}' is not a valid IP address`);
  });
  refuseTwice(hosts, (at) => invalidValue(name, `Duplicate nameserver '${shown(hosts[at])}'`));
  return read;
};

/** Keys nobody knows are passed over. */
export const fixedIps: Reader = (value, name) => {
  if (value === null) return [];
  if (!Array.isArray(value)) throw invalidValue(name, `Invalid data format for fixed IP: '${shown(value)}'`);
  const read = (value as unknown[]).map((one) => {
    if (!isObject(one)) throw invalidValue(name, `Invalid data format for fixed IP: '${shown(one)}'`);
    const { ip_address: ip, subnet_id: subnet } = one;
    return {
      ...(ip === undefined ? {} : { ip_address: address(ip, name) }),
      ...(subnet === undefined ? {} : { subnet_id: id(subnet, name) }),
    };
  });
  const addresses = (value as Fields[]).map((one, at) => one['ip_address'] ?? at);
  refuseTwice(addresses, (at) => invalidValue(name, `Duplicate IP address '${shown(addresses[at])}'`));
  return read;
};

/** The same refusal without the name of the attribute. */
function unnamed(read: Reader, value: unknown): unknown {
  try {
    return read(value, '');
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw badRequest(error.message.replace(/^Invalid input for \. Reason: /, '').replace(/\.$/, ''));
  }
}

export const addressPairs: Reader = (value, name) => {
  if (value === null) return [];
  if (!Array.isArray(value)) throw badRequest('Allowed address pairs must be a list.');
  const seen = new Set<string>();
  return (value as unknown[]).map((one) => {
    if (!isObject(one)) throw invalidValue(name, `'${shown(one)}' is not a dictionary`);
    const { mac_address: hardware, ip_address: ip, ...others } = one;
    const read = hardware === undefined ? {} : { mac_address: unnamed(mac, hardware) };
    if (ip === undefined)
      throw badRequest('AllowedAddressPair must contain ip_address', 'AllowedAddressPairsMissingIP');
    const pair = `mac_address ${shown(hardware)} ip_address ${shown(ip)}`;
    if (seen.has(pair))
      throw badRequest(`Request contains duplicate address pair: ${pair}.`, 'DuplicateAddressPairInRequest');
    seen.add(pair);
    const unknown = Object.keys(others);
    if (unknown.length > 0) throw badRequest(`Unrecognized attribute(s) '${unknown.join(', ')}'`);
    return { ip_address: unnamed(addressOrCidr, ip), ...read };
  });
};

/** These may have an empty value. */
const blank = new Set(['router', 'classless-static-route']);
const option = record({ opt_name: text(64), opt_value: orNone(text()), ip_version: integer(4, 6) }, [
  'opt_name',
  'opt_value',
]);

export const dhcpOptions: Reader = (value, name) => {
  if (value === null) return [];
  if (!Array.isArray(value)) throw invalidInput(`'${shown(value)}' is not a list`);
  return (value as unknown[]).map((one) => {
    try {
      const read = option(one, name) as { opt_name: string; opt_value: string | null };
      const isEmpty = (word: string | null): boolean => word !== null && word.trim() === '';
      if (!isEmpty(read.opt_name) && (blank.has(read.opt_name) || !isEmpty(read.opt_value))) return read;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
    throw invalidInput(`No valid key specs matched for: ${pythonRepr(one)}`);
  });
};
