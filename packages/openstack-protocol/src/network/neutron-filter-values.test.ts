/** Each value as Neutron of Zed answered it on MariaDB: whether it found what is kept, or its refusal. */
import { expect, test } from 'vitest';
import type { Fault } from '../faults.js';
import { filterFormOf, filterValue, keptValue } from './neutron-filter-values.js';

const kept = {
  cidr: '10.99.0.0/24',
  gateway_ip: '2001:db8:99::',
  mac_address: 'fa:16:3e:aa:bb:0c',
  protocol: 'tcp',
  ethertype: 'IPv4',
  remote_ip_prefix: '10.5.0.0/16',
  port_range_min: 22,
  'provider:network_type': 'vxlan',
  revision_number: 4,
} as const;

const finds = (name: keyof typeof kept, value: string): boolean => {
  const form = filterFormOf(name)!;
  return filterValue(form, value) === keptValue(form, kept[name]);
};

test.each([
  ['cidr', '10.99.0.0/24', true],
  ['cidr', '10.99.0.5/24', true],
  ['cidr', ' 10.99.0.0/24', true],
  ['cidr', '10.99.0.0/255.255.255.0', true],
  ['cidr', '10.99.0.0/0.0.0.255', true],
  ['cidr', '10.99/24', true],
  ['cidr', '010.099.0.0/024', true],
  ['cidr', '10.99.0.0 / 24', true],
  ['cidr', '10.99.0.0', false],
  ['cidr', '10/24', false],
  ['cidr', '::ffff:10.99.0.0/120', false],
  ['gateway_ip', '2001:DB8:0099:0::0', true],
  ['gateway_ip', '2001:db8:99:: ', true],
  ['gateway_ip', ' 2001:db8:99::', false],
  ['gateway_ip', 'abc', false],
  ['mac_address', 'FA-16-3E-AA-BB-0C', true],
  ['mac_address', 'fa163eaabb0c', true],
  ['mac_address', 'fa16.3eaa.bb0c', true],
  ['mac_address', 'fa16:3eaa:bb0c', true],
  ['mac_address', 'fa163e-aabb0c', true],
  ['mac_address', 'fa:16:3e:aa:bb:c', true],
  ['mac_address', 'fa:16:3e:aa:bb:0c ', true],
  ['mac_address', ' fa:16:3e:aa:bb:0c', false],
  ['mac_address', 'fa:16:3e:aa:bb', false],
  ['mac_address', '', false],
  ['protocol', 'TCP', true],
  ['protocol', '6', false],
  ['protocol', 'icmpv6', false],
  ['ethertype', 'ipv4', true],
  ['remote_ip_prefix', '10.5/16', true],
  ['remote_ip_prefix', '10.5.0.0/255.255.0.0', true],
  ['remote_ip_prefix', '10.5.1.1/16', false],
  ['remote_ip_prefix', '', false],
  ['port_range_min', ' 022', true],
  ['port_range_min', '0', false],
  ['provider:network_type', 'vxlan', true],
  ['provider:network_type', 'VXLAN', false],
  ['provider:network_type', 'vxlan ', false],
  ['revision_number', '4abc', true],
  ['revision_number', 'abc', false],
] as const)('%s=%s', (name, value, isFound) => {
  expect(finds(name, value)).toBe(isFound);
});

test('IPv6 networks have one spelling', () => {
  const spellings = ['2001:DB8:99::/64', '2001:0db8:0099::1/64 ', '2001:db8:99::/ffff:ffff:ffff:ffff::'];
  expect(new Set(spellings.map((cidr) => filterValue('cidr', cidr)))).toEqual(new Set(['2001:DB8:99::/64']));
});

test.each([
  ['cidr', '10.99.0.0/33', 'InvalidInput', 'Invalid input for operation: 10.99.0.0/33 is not in a CIDR format.'],
  ['cidr', '10.99.0.0/', 'InvalidInput', 'Invalid input for operation: 10.99.0.0/ is not in a CIDR format.'],
  ['cidr', '10.99.0.256/24', 'InvalidInput', 'Invalid input for operation: 10.99.0.256/24 is not in a CIDR format.'],
  [
    'cidr',
    '10.9.0.0/255.0.255.0',
    'InvalidInput',
    'Invalid input for operation: 10.9.0.0/255.0.255.0 is not in a CIDR format.',
  ],
  ['remote_ip_prefix', 'abc', 'InvalidCIDR', 'Invalid CIDR abc given as IP prefix.'],
  [
    'ethertype',
    'IPv4 ',
    'SecurityGroupRuleInvalidEtherType',
    "Security group rule for ethertype 'IPv4 ' not supported. Allowed values are ['IPv4', 'IPv6'].",
  ],
  ['port_range_min', '65536', 'SecurityGroupInvalidPortValue', 'Invalid value for port 65536'],
  [
    'protocol',
    '256',
    'SecurityGroupRuleInvalidProtocol',
    /^Security group rule protocol 256 not supported. Only protocol values \[None, 'ah'.* 'vrrp'\] and integer representations \[0 to 255\] are supported.$/,
  ],
  ['protocol', 'tcp ', 'SecurityGroupRuleInvalidProtocol', /^Security group rule protocol tcp  not supported/],
  ['is_default', '2', 'InvalidInput', "Invalid input for operation: '2' cannot be converted to boolean."],
])('%s=%s is refused', (name, value, type, words) => {
  let refused: Fault | undefined;
  try {
    filterValue(filterFormOf(name)!, value);
  } catch (error) {
    refused = error as Fault;
  }
  expect(refused).toMatchObject({ status: 400, details: { type } });
  expect(refused?.message).toMatch(words);
});
