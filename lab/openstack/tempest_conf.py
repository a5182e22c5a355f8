"""Writes tempest.conf for one OpenStack endpoint; makes what Tempest needs.

Called by tempest-conf.sh; credentials come from the usual OS_* variables.  It
makes, once, two small images, two flavors and an external network, and looks at
the cloud itself (services in the catalogue, hypervisors, API microversions,
extensions) so that the same command works against a site or against a
cascade.
"""
import argparse
import configparser
import os

import openstack

ap = argparse.ArgumentParser()
ap.add_argument('--out', required=True)
ap.add_argument('--prefix', default='tempest')
ap.add_argument('--volume-vendor', default='testbed')
ap.add_argument('--volume-protocol', default='file')
ap.add_argument('--build-timeout', default='120')
ap.add_argument('--zone', help='availability zone hint for the external network')
ap.add_argument('--set', action='append', default=[], metavar='SECTION.KEY=VALUE')
args = ap.parse_args()

env = os.environ
region = env.get('OS_REGION_NAME', 'RegionOne')
iface = env.get('OS_INTERFACE', 'public')
for v in ('OS_COMPUTE_API_VERSION', 'OS_VOLUME_API_VERSION',
          'OS_PLACEMENT_API_VERSION'):
    env.pop(v, None)
conn = openstack.connect(load_yaml_config=False)
P = args.prefix


def ensure_image(name):
    for i in conn.image.images(name=name):
        if i.status == 'active':
            return i.id
    return conn.image.create_image(
        name=name, disk_format='raw', container_format='bare',
        visibility='public', data=b'\0' * (1 << 20), wait=True).id


def ensure_flavor(name, ram):
    for f in conn.compute.flavors(get_extra_specs=False):
        if f.name == name:
            return f.id
    return conn.compute.create_flavor(name=name, ram=ram, vcpus=1, disk=1).id


def ensure_external(name):
    net = conn.network.find_network(name)
    if not net:
        hints = {'availability_zone_hints': [args.zone]} if args.zone else {}
        net = conn.network.create_network(
            name=name, is_router_external=True,
            # Tempest knows one; where each zone has its own, its projects
            # are to begin where this one is
            is_default=True, provider_network_type='flat',
            provider_physical_network='physnet-' + P, **hints)
        conn.network.create_subnet(
            network_id=net.id, name=name, ip_version=4, enable_dhcp=False,
            cidr='198.51.100.0/24')
    return net.id


def has(service_type):
    return any(s['type'] == service_type for s in
               conn.session.auth.get_access(conn.session).service_catalog.catalog)


def microversion(service_type):
    d = conn.session.get_endpoint_data(service_type=service_type, interface=iface,
                                       region_name=region)
    if d is None or not d.max_microversion:
        return None
    return '%d.%d' % tuple(d.max_microversion[:2])


images = [ensure_image(P + '-image-1'), ensure_image(P + '-image-2')]
flavors = [ensure_flavor(P + '-flavor-1', 64), ensure_flavor(P + '-flavor-2', 128)]
public = ensure_external(P + '-public')
computes = [s for s in conn.compute.services(binary='nova-compute')
            if s.state == 'up' and s.status == 'enabled']
backup = any(s['binary'] == 'cinder-backup' and s['state'] == 'up' for s in
             conn.block_storage.get('/os-services').json().get('services', []))
many = len(computes) > 1
auth = conn.config.auth
uri = auth['auth_url'].rstrip('/')
uri = uri if uri.endswith('/v3') else uri + '/v3'

c = {
    'DEFAULT': {'log_file': 'tempest.log', 'debug': 'false',
                'use_stderr': 'false'},
    'oslo_concurrency': {'lock_path': os.path.join(args.out, 'lock')},
    'auth': {'use_dynamic_credentials': True,
             'tempest_roles': 'member',
             'admin_username': auth['username'],
             'admin_password': auth['password'],
             'admin_project_name': auth['project_name'],
             'admin_domain_name': 'Default'},
    'identity': {'auth_version': 'v3', 'uri_v3': uri, 'region': region,
                 'v3_endpoint_type': iface, 'catalog_type': 'identity'},
    'identity-feature-enabled': {'api_v2': False, 'api_v2_admin': False,
                                 'security_compliance': False,
                                 'application_credentials': True,
                                 'access_rules': True,
                                 'forbid_global_implied_dsr': True},
    'service_available': {'nova': True, 'neutron': True, 'glance': True,
                          'cinder': True, 'swift': False, 'horizon': False},
    'compute': {'region': region, 'endpoint_type': iface,
                'image_ref': images[0], 'image_ref_alt': images[1],
                'flavor_ref': flavors[0], 'flavor_ref_alt': flavors[1],
                'build_interval': 1, 'build_timeout': args.build_timeout,
                'ready_wait': 0, 'min_compute_nodes': len(computes) or 1,
                'min_microversion': '2.1',
                'max_microversion': microversion('compute'),
                'volume_device_name': 'vdb'},
    # What nova's fake driver can and cannot do.
    'compute-feature-enabled': {
        'resize': True, 'pause': True, 'suspend': True, 'shelve': True,
        'snapshot': True, 'rescue': True, 'stable_rescue': False,
        'console_output': True, 'vnc_console': False, 'spice_console': False,
        'interface_attach': True, 'config_drive': True, 'personality': False,
        'change_password': False, 'cold_migration': many,
        'live_migration': many, 'live_migrate_back_and_forth': False,
        'block_migration_for_live_migration': many,
        'volume_backed_live_migration': False,
        'attach_encrypted_volume': False, 'swap_volume': False,
        'volume_multiattach': True, 'metadata_service': False,
        'shelve_migrate': False, 'can_migrate_between_any_hosts': True},
    # No guest ever boots, so nothing is checked over SSH.
    'validation': {'run_validation': False, 'connect_method': 'floating'},
    'network': {'region': region, 'endpoint_type': iface,
                'public_network_id': public,
                'floating_network_name': P + '-public',
                'project_network_cidr': '10.100.0.0/16',
                'project_network_mask_bits': 28, 'build_interval': 1,
                'build_timeout': args.build_timeout},
    'network-feature-enabled': {
        'ipv6': True, 'ipv6_subnet_attributes': True, 'port_security': True,
        'floating_ips': True, 'port_admin_state_change': True,
        'api_extensions': ','.join(sorted(e.alias for e in
                                          conn.network.extensions()))},
    # web-download needs some URL that answers anyone: Keystone's own root will do
    'image': {'http_image': uri[:-len('/v3')] + '/v3', 'region': region, 'endpoint_type': iface, 'build_interval': 1,
              'build_timeout': args.build_timeout},
    'image-feature-enabled': {'import_image': True, 'api_v2': True,
                              'os_glance_reserved': True},
    'volume': {'region': region, 'endpoint_type': iface,
               'catalog_type': 'volumev3', 'build_interval': 1,
               'build_timeout': args.build_timeout,
               'vendor_name': args.volume_vendor,
               'storage_protocol': args.volume_protocol,
               'min_microversion': '3.0',
               'max_microversion': microversion('block-storage')
               or microversion('volumev3')},
    'volume-feature-enabled': {
        'backup': backup, 'snapshot': True, 'clone': True,
        'multi_backend': False, 'manage_volume': False,
        'manage_snapshot': False, 'extend_attached_volume': True,
        'consistency_group': False, 'volume_revert': False},
    'placement': {'region': region, 'endpoint_type': iface,
                  'min_microversion': '1.0',
                  'max_microversion': microversion('placement')},
    'enforce_scope': {s: False for s in ('nova', 'neutron', 'glance', 'cinder',
                                         'keystone', 'placement')},
}
for item in args.set:
    key, value = item.split('=', 1)
    section, option = key.rsplit('.', 1)
    c.setdefault(section, {})[option] = value

cp = configparser.RawConfigParser(default_section='\0')
for section, options in c.items():
    cp.add_section(section)
    for k, v in options.items():
        if v is not None:
            cp.set(section, k, str(v).lower() if isinstance(v, bool) else str(v))
os.makedirs(os.path.join(args.out, 'etc'), exist_ok=True)
with open(os.path.join(args.out, 'etc', 'tempest.conf'), 'w') as f:
    cp.write(f)
