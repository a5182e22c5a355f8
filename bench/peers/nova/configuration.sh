# shellcheck shell=bash
# nova-api as an operator of ten cells configures it, and cheaper where a choice is ours: who asks is not looked up in a
# Keystone. Sourced by peer.sh.

CELLS=10

# Debian's pipeline without `authtoken`: the headers that this filter would set come with the request instead, so that no
# token costs nova anything. `keystonecontext` and all that follows is nova's own.
write_paste() { sed 's/ authtoken keystonecontext/ keystonecontext/' "$NOVA_PASTE" >"$1"; }

conf_nova() { # conf_nova DATABASE FILE : DATABASE is where `nova-manage db sync` works and nova-api keeps its own record
  cat >"$2" <<C
[DEFAULT]
use_stderr = true
log_options = false
debug = false
my_ip = $IP
host = peer
state_path = $T/nova
transport_url = fake:/
enabled_apis = osapi_compute
osapi_compute_listen = $IP
osapi_compute_listen_port = $(port 0 compute)
osapi_compute_workers = 1
# The hypervisors' heartbeats are rows of the fill; they shall count as up.
service_down_time = 2000000000
[wsgi]
api_paste_config = $T/nova/api-paste.ini
[api_database]
connection = $(db_url nova_api)
[database]
connection = $(db_url "$1")
[neutron]
endpoint_override = $(url 0 network)
[oslo_concurrency]
lock_path = $T/nova/locks
[oslo_policy]
policy_dirs = no-policy-dir
enforce_scope = false
enforce_new_defaults = false
C
}
