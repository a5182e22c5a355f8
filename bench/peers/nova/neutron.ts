/**
 * Answers the few questions that nova-api asks Neutron while it lists servers, as cheaply as they can be answered, so that
 * what is measured is nova: every server has one port in the security group `default`, and an address that follows from its
 * number. A real Neutron takes hundreds of milliseconds for what is a string here; its time is not counted to nova either way.
 *
 *   npx tsx bench/peers/nova/neutron.ts PORT SERVERS
 *
 * @see openstack/nova:nova/network/security_group_api.py get_instances_security_groups_bindings
 * @see openstack/nova:nova/compute/api.py _ip_filter_using_neutron
 */
import { createServer } from 'node:http';
import { serverAt } from '../../population.js';

const [port, servers] = process.argv.slice(2).map(Number);
if (!port || servers === undefined) throw new Error('usage: neutron.ts PORT SERVERS');

const group = { id: '5ec00000-0000-4000-8000-000000000001', name: 'default' };

/** The addresses, one a line, to be searched as one string: a substring among a million in some milliseconds. */
let addresses = '\n';
for (let n = 0; n < servers; n += 1) addresses += `${serverAt(n).ip}\n`;

/** A server's number back from its address. */
const numberOf = (ip: string): number =>
  ip
    .split('.')
    .slice(1)
    .reduce((number, part) => number * 256 + Number(part), 0);

function* withAddressLike(text: string): Generator<{ device_id: string }> {
  for (let at = addresses.indexOf(text); at >= 0 && text !== '';) {
    const end = addresses.indexOf('\n', at);
    const ip = addresses.slice(addresses.lastIndexOf('\n', at) + 1, end);
    yield { device_id: serverAt(numberOf(ip)).id };
    at = addresses.indexOf(text, end);
  }
}

function portsFor(query: URLSearchParams): object[] {
  const like = query.getAll('fixed_ips').find((condition) => condition.startsWith('ip_address_substr='));
  if (like) return [...withAddressLike(like.slice('ip_address_substr='.length))];
  return query.getAll('device_id').map((device_id) => ({ id: device_id, device_id, security_groups: [group.id] }));
}

function answer(path: string, query: URLSearchParams): object | undefined {
  switch (path.replace(/\.json$/, '')) {
    case '/':
      return { versions: [] };
    case '/v2.0/extensions':
      return { extensions: [{ alias: 'ip-substring-filtering', name: 'IP address substring filtering' }] };
    case '/v2.0/ports':
      return { ports: portsFor(query) };
    case '/v2.0/security-groups':
      return { security_groups: [group] };
    default:
      return undefined;
  }
}

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://neutron');
  const body = request.method === 'GET' ? answer(pathname, searchParams) : undefined;
  const text = JSON.stringify(
    body ?? { NeutronError: { type: 'HTTPNotFound', message: 'not answered here', detail: '' } },
  );
  response.writeHead(body ? 200 : 404, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}).listen(port, '127.0.0.1');
