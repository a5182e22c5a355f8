# shellcheck shell=bash
# Writes the configuration files of Keystone and of one site.
# Sourced by lab.sh after settings.sh.

# ---- snippets ----------------------------------------------------------------
# Service credentials, as keystoneauth options; the same few lines in each
# service's many sections.
creds() { # creds SITE USER
  cat <<C
auth_type = password
auth_url = $(auth_url "$1")
username = $2
password = $PW
project_name = service
user_domain_id = default
project_domain_id = default
C
}
authtoken() { # authtoken SITE USER SERVICE_TYPE
  cat <<C

[keystone_authtoken]
$(creds "$1" "$2")
www_authenticate_uri = $(auth_url "$1")
memcached_servers = $IP:$(port 0 memcached)
interface = internal
region_name = $(region "$1")
# without its type a service refuses every token with access rules
service_type = $3
service_token_roles = service
service_token_roles_required = true

[service_user]
$(creds "$1" "$2")
send_service_user_token = true
C
}
common_default() { # common_default VHOST
  cat <<C
transport_url = rabbit://openstack:$PW@$IP:$(port 0 rabbit)/$1
debug = false
use_stderr = true
log_options = false
C
}
common_tail() { # common_tail DIR DBNAME
  cat <<C

[database]
connection = $(db_url "$2")
max_pool_size = 10
max_overflow = 40

[oslo_concurrency]
lock_path = $1/locks

[oslo_messaging_rabbit]
rabbit_retry_interval = 1
kombu_reconnect_delay = 0.5

[oslo_messaging_notifications]
driver = noop

[oslo_policy]
policy_dirs = no-policy-dir
$POLICY_DEFAULTS
C
}

# ---- Keystone ------------------------------------------------------------------
conf_keystone() { # conf_keystone SITE(0 = shared)
  local k=$1 d=$T/keystone$1
  mkdir -p "$d/fernet" "$d/credential"
  chmod 700 "$d/fernet" "$d/credential"
  cat >"$d/keystone.conf" <<C
[DEFAULT]
use_stderr = true
log_options = false
public_endpoint = $(url "$k" identity)
[database]
connection = $(db_url "c${k}_keystone")
[cache]
enabled = true
backend = dogpile.cache.memcached
backend_argument = url:$IP:$(port 0 memcached)
memcache_servers = $IP:$(port 0 memcached)
[token]
provider = fernet
expiration = 86400
allow_expired_window = 172800
[fernet_tokens]
key_repository = $d/fernet
[credential]
key_repository = $d/credential
[identity]
# cheap password hashes: this is a testbed, and Tempest makes many users
password_hash_rounds = 4
[oslo_policy]
policy_dirs = no-policy-dir
enforce_scope = false
enforce_new_defaults = false
C
}

# ---- one site -------------------------------------------------------------------
conf_site() { # conf_site K RELEASE
  local k=$1 c=$T/site$1 m
  use_release "$2"
  local reg; reg=$(region "$k")
  mkdir -p "$c"/{log,locks,nova,neutron,cinder,cinder/volumes,cinder/backups,cinder/conversion,glance/images,glance/images2,glance/staging,glance/tasks}

  # -- placement
  mkdir -p "$c/placement"
  { cat <<C
[DEFAULT]
debug = false
use_stderr = true
log_options = false
[api]
auth_strategy = keystone
[placement_database]
connection = $(db_url "c${k}_placement")
[oslo_policy]
policy_dirs = no-policy-dir
C
    authtoken "$k" placement placement; } >"$c/placement/placement.conf"

  # -- glance: one process (workers = 0), files on disk
  { cat <<C
[DEFAULT]
$(common_default "site$k")
bind_host = $IP
bind_port = $(port "$k" image)
workers = 0
enabled_backends = file:file,file2:file
enabled_import_methods = [$IMPORT_METHODS]
show_image_direct_url = true
show_multiple_locations = true
public_endpoint = $(url "$k" image)
worker_self_reference_url = $(url "$k" image)
[glance_store]
default_backend = file
[file]
filesystem_store_datadir = $c/glance/images
[file2]
filesystem_store_datadir = $c/glance/images2
[os_glance_staging_store]
filesystem_store_datadir = $c/glance/staging
[os_glance_tasks_store]
filesystem_store_datadir = $c/glance/tasks
[import_filtering_opts]
# Let a site fetch an image from any port on loopback (web-download).  Debian's
# security fix refuses loopback unless it is listed as an allowed host.
allowed_schemes = [http,https]
allowed_hosts = [$IP,localhost]
allowed_ports = []
[paste_deploy]
flavor = keystone
config_file = $GLANCE_PASTE
C
    common_tail "$c" "c${k}_glance"; authtoken "$k" glance image; } >"$c/glance.conf"

  # -- cinder
  { cat <<C
[DEFAULT]
$(common_default "site$k")
auth_strategy = keystone
host = site$k
my_ip = $IP
state_path = $c/cinder
image_conversion_dir = $c/cinder/conversion
api_paste_config = $CINDER_PASTE
resource_query_filters_file = $ETC/cinder/resource_filters.json
osapi_volume_listen = $IP
osapi_volume_listen_port = $(port "$k" volume)
osapi_volume_workers = 1
public_endpoint = $(url "$k" volume)
enabled_backends = file
glance_api_servers = $(url "$k" image)
rootwrap_config = $ETC/cinder/rootwrap.conf
service_down_time = 60
report_interval = 10
# A scheduler that starts after the first report would have no backend for a minute.
backend_stats_polling_interval = 5
backup_driver = cinder.backup.drivers.posix.PosixBackupDriver
backup_posix_path = $c/cinder/backups
backup_file_size = 52428800
backup_sha_block_size_bytes = 1048576
[file]
volume_driver = testbed_openstack.cinder_driver.FileDriver
volume_backend_name = file
testbed_volume_dir = $c/cinder/volumes
# What needs root is done by a helper of this release; the one that rootwrap finds may be another's.
[cinder_sys_admin]
helper_command = $BIN/privsep-helper --config-file $c/cinder.conf
[privsep_osbrick]
helper_command = $BIN/privsep-helper --config-file $c/cinder.conf
[nova]
$(creds "$k" cinder)
region_name = $reg
interface = internal
token_auth_url = $(auth_url "$k")
C
    common_tail "$c" "c${k}_cinder"; authtoken "$k" cinder volumev3; } >"$c/cinder.conf"

  # -- neutron: the server; what does its work is its back end's (backends.sh)
  { cat <<C
[DEFAULT]
$(common_default "site$k")
host = site$k
auth_strategy = keystone
state_path = $c/neutron
api_paste_config = $NEUTRON_PASTE
bind_host = $IP
bind_port = $(port "$k" network)
api_workers = 1
rpc_workers = 1
rpc_state_report_workers = 0
core_plugin = ml2
service_plugins = $(network_plugins "$k")
agent_down_time = 90
dns_domain = site$k.example.
max_routes = 100
max_dns_nameservers = 5
max_subnet_host_routes = 100
notify_nova_on_port_status_changes = true
notify_nova_on_port_data_changes = true
send_events_interval = 1
dhcp_agents_per_network = 1
$(conf_ml2 "$k")
[nova]
$(creds "$k" neutron)
region_name = $reg
endpoint_type = internal
[placement]
$(creds "$k" neutron)
region_name = $reg
endpoint_type = internal
[service_providers]
service_provider = VPN:strongswan:neutron_vpnaas.services.vpn.service_drivers.ipsec.IPsecVPNDriver:default
$(case $MORE_NETWORK_PLUGINS in *firewall_v2*) echo "service_provider = FIREWALL_V2:fwaas_db:neutron_fwaas.services.firewall.service_drivers.agents.agents.FirewallAgentDriver:default";; esac)
service_provider = BGPVPN:Dummy:networking_bgpvpn.neutron.services.service_drivers.driver_api.BGPVPNDriver:default
[quotas]
quota_network = 1000
quota_subnet = 1000
quota_port = 5000
quota_router = 100
quota_floatingip = 500
quota_security_group = 500
quota_security_group_rule = 5000
[experimental]
linuxbridge = true
C
    common_tail "$c" "c${k}_neutron"; authtoken "$k" neutron network; } >"$c/neutron.conf"
  [ "$(backend_of "$k")" != ovs ] || conf_agents "$k"

  # -- nova: one file for all but nova-compute
  { cat <<C
[DEFAULT]
$(common_default "site$k")
host = site$k
my_ip = $IP
state_path = $c/nova
enabled_apis = osapi_compute
osapi_compute_listen = $IP
osapi_compute_listen_port = $(port "$k" compute)
osapi_compute_workers = 1
compute_driver = fake.FakeDriver
allow_resize_to_same_host = true
report_interval = 10
service_down_time = 60
heal_instance_info_cache_interval = 60
sync_power_state_interval = 600
# deleting is immediate; restore tests need >0
reclaim_instance_interval = 0
max_concurrent_builds = 50
[wsgi]
api_paste_config = $NOVA_PASTE
[workarounds]
# An upgrade skips releases (lab.sh upgrade): services of before are in the database until they start again.
disable_compute_service_check_for_ffu = true
[api_database]
connection = $(db_url "c${k}_nova_api")
max_pool_size = 10
max_overflow = 40
[conductor]
workers = 1
[scheduler]
workers = 1
discover_hosts_in_cells_interval = 10
[filter_scheduler]
enabled_filters = ComputeFilter,ComputeCapabilitiesFilter,ImagePropertiesFilter,ServerGroupAntiAffinityFilter,ServerGroupAffinityFilter,SameHostFilter,DifferentHostFilter
[placement]
$(creds "$k" placement)
region_name = $reg
endpoint_override = $(url "$k" placement)
[glance]
endpoint_override = $(url "$k" image)
region_name = $reg
num_retries = 2
[cinder]
$(creds "$k" nova)
os_region_name = $reg
catalog_info = volumev3::internalURL
endpoint_template = $(url "$k" volume)/v3/%(project_id)s
[neutron]
$(creds "$k" nova)
region_name = $reg
endpoint_override = $(url "$k" network)
service_metadata_proxy = true
metadata_proxy_shared_secret = $PW
[vnc]
enabled = true
server_listen = $IP
novncproxy_base_url = $(url "$k" novnc)/vnc_auto.html
[quota]
instances = 200
cores = 2000
ram = 4000000
key_pairs = 1000
server_groups = 100
[key_manager]
fixed_key = 0000000000000000000000000000000000000000000000000000000000000000
C
    common_tail "$c" "c${k}_nova"; authtoken "$k" nova compute; } >"$c/nova.conf"
  for ((m = 1; m <= LAB_COMPUTES; m++)); do
    # nova-compute must not know the databases (it would only log errors)
    # and has its own state: since 2023.1 that holds the identity of its node
    mkdir -p "$c/nova/compute$m"
    { sed '/^connection = mysql/d' "$c/nova.conf"
      printf '[DEFAULT]\nhost = site%d-compute%d\nstate_path = %s\n' "$k" "$m" "$c/nova/compute$m"; } >"$c/nova-compute$m.conf"
  done
}
