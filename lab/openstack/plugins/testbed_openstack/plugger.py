"""Plugs the guests that nova's fake driver only pretends to have.

  PLUGGER_PASSWORD=... python3 -m testbed_openstack.plugger \\
      AUTH_URL NETWORK_URL HOST DIRECTORY LEASE_SCRIPT

Runs on the network host of a site. A guest is a network namespace, guest-DEVICE_ID, with
an interface for each port of a server that Neutron has bound to this host. A port that is
new gets its interface, on br-int under the port's id as os-vif does it, and its addresses:
by DHCP where the subnet has it, by the kernel from router advertisements, else as a config
drive would say. A port that is gone takes its interface along, the last one the guest.

What is plugged is written down in DIRECTORY, a file for each port, so that this program
may stop and start as it likes, and lab.sh finds the guest of a port or server.
"""
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time

from keystoneauth1 import session
from keystoneauth1.identity import v3

SECONDS_BETWEEN_LOOKS = 1.5
FIELDS = ('id', 'mac_address', 'device_owner', 'device_id', 'fixed_ips',
          'binding:vif_type', 'binding:vnic_type')
PLAIN = re.compile(r'[\w.-]{1,200}$')


def run(*words):
    done = subprocess.run(words, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=60)
    if done.returncode:
        raise RuntimeError('%s: %s' % (' '.join(words), done.stdout.strip()))
    return done.stdout


def vsctl(*words):
    return run('ovs-vsctl', '--timeout=20', *words)


class Neutron:
    def __init__(self, auth_url, network_url, host):
        self.session = session.Session(auth=v3.Password(
            auth_url=auth_url, username='admin',
            password=os.environ['PLUGGER_PASSWORD'], project_name='admin',
            user_domain_id='default', project_domain_id='default'))
        self.url, self.host = network_url + '/v2.0', host

    def ports(self):
        """Those that a hypervisor would have plugged here, by id."""
        found = self.session.get(self.url + '/ports', params={
            'binding:host_id': self.host, 'fields': FIELDS}).json()['ports']
        return {p['id']: p for p in found
                if p['device_owner'].startswith('compute:')
                and p['binding:vnic_type'] == 'normal'
                and p['binding:vif_type'] == 'ovs'}

    def subnet(self, subnet_id):
        answer = self.session.get('%s/subnets/%s' % (self.url, subnet_id))
        return answer.json()['subnet']


class Plug:
    """One interface of a guest: what was written down of it."""

    def __init__(self, directory, record):
        self.directory, self.record = directory, record
        self.id, self.mac = record['id'], record['mac_address']
        self.namespace, self.device = record['namespace'], record['device']
        # the name that os-vif gives it
        self.tap = 'tap' + self.id[:11]
        self.file = os.path.join(directory, self.id + '.json')
        self.pid_file = os.path.join(directory, self.id + '.pid')

    def write_down(self):
        with open(self.file + '.new', 'w') as f:
            json.dump(self.record, f)
        os.rename(self.file + '.new', self.file)

    def inside(self, *words):
        return run('ip', 'netns', 'exec', self.namespace, *words)

    def ip(self, *words):
        return run('ip', '-n', self.namespace, *words)

    def plug(self, neutron):
        if not os.path.exists('/run/netns/' + self.namespace):
            run('ip', 'netns', 'add', self.namespace)
            self.ip('link', 'set', 'lo', 'up')
        self.take_away_interface()
        run('ip', 'link', 'add', self.tap, 'type', 'veth', 'peer', 'name',
            self.device, 'netns', self.namespace, 'address', self.mac)
        run('ip', 'link', 'set', self.tap, 'up')
        # The switch takes frames as they are, unfinished checksums too.
        self.inside('ethtool', '-K', self.device, 'tx', 'off')
        vsctl('--may-exist', 'add-port', 'br-int', self.tap, '--', 'set',
              'Interface', self.tap,
              'external_ids:iface-id=' + self.id,
              'external_ids:iface-status=active',
              'external_ids:attached-mac=' + self.mac,
              'external_ids:vm-uuid=' + self.namespace)
        self.ip('link', 'set', self.device, 'up')
        for fixed in self.record['fixed_ips']:
            self.configure(fixed['ip_address'],
                           neutron.subnet(fixed['subnet_id']))

    def configure(self, address, subnet):
        if subnet['ip_version'] == 4 and subnet['enable_dhcp']:
            self.record['dhcp'] = True
        elif subnet['ip_version'] == 6 and (
                subnet['ipv6_address_mode'] in ('slaac', 'dhcpv6-stateless')):
            pass  # the kernel
        else:
            prefix = subnet['cidr'].split('/')[1]
            self.ip('address', 'replace', '%s/%s' % (address, prefix),
                    'dev', self.device)
            if subnet['gateway_ip']:
                self.ip('route', 'replace', 'default', 'via',
                        subnet['gateway_ip'], 'dev', self.device, 'metric',
                        str(100 + int(self.device[3:])))

    def dhcp_client(self):
        """The pid of its udhcpc, if one runs."""
        try:
            with open(self.pid_file) as f:
                pid = int(f.read())
            with open('/proc/%d/cmdline' % pid) as f:
                return pid if self.pid_file in f.read() else None
        except (OSError, ValueError):
            return None

    def ensure_dhcp_client(self, lease_script):
        if not self.record.get('dhcp') or self.dhcp_client():
            return None
        with open(os.path.join(self.directory, self.id + '.log'), 'a') as log:
            return subprocess.Popen(
                ['ip', 'netns', 'exec', self.namespace, 'busybox', 'udhcpc',
                 '-f', '-p', self.pid_file, '-i', self.device,
                 '-s', lease_script, '-O', 'mtu', '-O', 'staticroutes',
                 '-t', '5', '-T', '1', '-A', '2'],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)

    def take_away_interface(self):
        vsctl('--if-exists', 'del-port', 'br-int', self.tap)
        if os.path.exists('/sys/class/net/' + self.tap):
            run('ip', 'link', 'delete', self.tap)

    def unplug(self):
        if pid := self.dhcp_client():
            os.kill(pid, signal.SIGTERM)
        self.take_away_interface()
        for suffix in ('.pid', '.log', '.json'):
            path = os.path.join(self.directory, self.id + suffix)
            if os.path.exists(path):
                os.unlink(path)


class Plugger:
    def __init__(self, neutron, directory, lease_script):
        self.neutron, self.directory = neutron, directory
        self.lease_script, self.clients = lease_script, []
        self.plugs = {}
        for name in os.listdir(directory):
            if name.endswith('.json'):
                with open(os.path.join(directory, name)) as f:
                    plug = Plug(directory, json.load(f))
                self.plugs[plug.id] = plug

    def new_plug(self, port):
        device = port['device_id']
        namespace = 'guest-' + (device if PLAIN.match(device) else port['id'])
        taken = {p.device for p in self.plugs.values()
                 if p.namespace == namespace}
        free = next(d for d in map('eth{}'.format, range(100))
                    if d not in taken)
        return Plug(self.directory,
                    dict(port, namespace=namespace, device=free))

    def remove(self, plug):
        plug.unplug()
        others = [p for p in self.plugs.values() if p is not plug]
        if plug.namespace not in {p.namespace for p in others}:
            for pid in run('ip', 'netns', 'pids', plug.namespace).split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            run('ip', 'netns', 'delete', plug.namespace)
        del self.plugs[plug.id]
        say('unplugged %s from %s' % (plug.id, plug.namespace))

    def add(self, port):
        plug = self.new_plug(port)
        plug.plug(self.neutron)
        plug.write_down()
        self.plugs[plug.id] = plug
        say('plugged %s into %s as %s' % (
            plug.id, plug.namespace, plug.device))

    def look(self):
        ports = self.neutron.ports()
        for plug in list(self.plugs.values()):
            port = ports.get(plug.id)
            if not port or port['mac_address'] != plug.mac \
                    or port['device_id'] != plug.record['device_id']:
                attempt(self.remove, plug)
        for port in ports.values():
            if port['id'] not in self.plugs:
                attempt(self.add, port)
        for plug in self.plugs.values():
            if client := plug.ensure_dhcp_client(self.lease_script):
                self.clients.append(client)
        self.clients = [c for c in self.clients if c.poll() is None]


def attempt(act, *arguments):
    """Neutron may be away, the switch not yet there: the next look may do."""
    try:
        act(*arguments)
    except Exception as e:
        say('%s: %s' % (type(e).__name__, e))


def say(text):
    print(time.strftime('%H:%M:%S'), text, flush=True)


def main():
    auth_url, network_url, host, directory, lease_script = sys.argv[1:]
    plugger = Plugger(Neutron(auth_url, network_url, host), directory,
                      lease_script)
    while True:
        attempt(plugger.look)
        time.sleep(SECONDS_BETWEEN_LOOKS)


if __name__ == '__main__':
    main()
