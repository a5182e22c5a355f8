"""Makes each site's external network, idempotently, as its administrator would.

Reads a JSON plan from stdin:
  {"auth_url": ..., "password": ..., "network": URL, "name": NAME, "cidr": CIDR}
"""
import json
import sys

from keystoneauth1 import session
from keystoneauth1.identity import v3

plan = json.load(sys.stdin)
sess = session.Session(auth=v3.Password(
    auth_url=plan['auth_url'], username='admin', password=plan['password'],
    project_name='admin', user_domain_id='default',
    project_domain_id='default'))
base = plan['network'] + '/v2.0'


def ensure(kind, **wanted):
    path = '%s/%ss' % (base, kind)
    found = sess.get(path, params={'name': plan['name']}).json()[kind + 's']
    body = {kind: dict(wanted, name=plan['name'])}
    return found[0] if found else sess.post(path, json=body).json()[kind]


network = ensure('network', **{
    'router:external': True, 'provider:network_type': 'flat',
    'provider:physical_network': plan['name']})
ensure('subnet', network_id=network['id'], ip_version=4, enable_dhcp=False,
       cidr=plan['cidr'])
