# shellcheck shell=bash
# One Heat and one Horizon, unchanged, beside a cascade over the sites: their Keystone
# is the cascade's front of the shared one, their region the cascade's.
# Sourced by lab.sh, never run.

HEAT=$T/beside/heat HORIZON=$T/beside/horizon

# ---- Heat ------------------------------------------------------------------------

conf_heat() { # conf_heat IDENTITY_URL REGION
  local credentials
  credentials=$(creds 0 heat | sed "s|^auth_url = .*|auth_url = $1|")
  mkdir -p "$HEAT/log" "$HEAT/locks"
  cat >"$HEAT/heat.conf" <<C
[DEFAULT]
$(common_default heat)
host = heat
num_engine_workers = 1
region_name_for_services = $2
deferred_auth_method = trusts
enable_stack_abandon = true
enable_stack_adopt = true
auth_encryption_key = 0123456789abcdef0123456789abcdef
stack_user_domain_name = heat
stack_domain_admin = heat_domain_admin
stack_domain_admin_password = $PW
server_keystone_endpoint_type = public
heat_metadata_server_url = $(url 0 cloudformation)
heat_waitcondition_server_url = $(url 0 cloudformation)/v1/waitcondition
default_software_config_transport = POLL_SERVER_HEAT
default_deployment_signal_transport = HEAT_SIGNAL
rpc_response_timeout = 180
[heat_api]
bind_host = $IP
bind_port = $(port 0 orchestration)
workers = 0
[paste_deploy]
api_paste_config = /etc/heat/api-paste.ini
[trustee]
auth_type = password
auth_url = $1
username = heat
password = $PW
user_domain_id = default
[clients_keystone]
auth_uri = $1
# No memcached that the sites' services use as well: keystonemiddleware keeps the catalog
# with the token there, and theirs is Keystone's own.
[keystone_authtoken]
$credentials
www_authenticate_uri = $1
region_name = $2
service_token_roles = service
service_token_roles_required = true
$(common_tail "$HEAT" heat)
C
}

start_heat() {
  local s
  if [ ! -f "$HEAT/synced" ]; then
    sql -e "CREATE DATABASE IF NOT EXISTS heat"
    heat-manage --config-file "$HEAT/heat.conf" db_sync >"$HEAT/log/schema.log" 2>&1 || die "see $HEAT/log/schema.log"
    touch "$HEAT/synced"
  fi
  for s in heat-engine heat-api; do start "beside.$s" "$HEAT/log/$s.log" "$s" --config-file "$HEAT/heat.conf"; done
  wait_http "$(url 0 orchestration)/" 90 beside.heat-api
}

# ---- Horizon ---------------------------------------------------------------------

# Django finds the settings as `local.local_settings`, so a directory of ours in front of
# Debian's in the path is enough.
conf_horizon() { # conf_horizon IDENTITY_URL REGION
  local file
  mkdir -p "$HORIZON/local" "$HORIZON/log" "$HORIZON/sessions"
  # Debian leaves the stacks' policies where Horizon does not look.
  for file in heat_policy.yaml default_policies/heat.yaml; do
    ln -sf "/usr/lib/python3/dist-packages/heat_dashboard/conf/$file" "/etc/openstack-dashboard/policy/$file"
  done
  touch "$HORIZON/local/__init__.py"
  [ -f "$HORIZON/secret" ] || head -c 32 /dev/urandom | base64 >"$HORIZON/secret"
  cat >"$HORIZON/local/local_settings.py" <<C
from openstack_dashboard.settings import HORIZON_CONFIG
DEBUG = False
ALLOWED_HOSTS = ['$IP', 'localhost']
SECRET_KEY = open('$HORIZON/secret').read()
# Debian's local_settings.d makes each process's own memory the cache, after this file
SESSION_ENGINE = 'django.contrib.sessions.backends.file'
SESSION_FILE_PATH = '$HORIZON/sessions'
COMPRESS_OFFLINE = True
STATIC_ROOT = '/var/lib/openstack-dashboard/static'
OPENSTACK_KEYSTONE_URL = '$1'
DEFAULT_SERVICE_REGIONS = {'*': '$2'}
OPENSTACK_KEYSTONE_DEFAULT_ROLE = 'member'
HORIZON_CONFIG['help_url'] = None
# alerts stay, so that a test can read them
HORIZON_CONFIG['auto_fade_alerts'] = {'delay': 3000, 'fade_duration': 1500, 'types': []}
LOGGING = {
    'version': 1, 'disable_existing_loggers': False,
    'formatters': {'plain': {'format': '%(asctime)s %(levelname)s %(name)s %(message)s'}},
    'handlers': {'console': {'class': 'logging.StreamHandler', 'formatter': 'plain'}},
    'root': {'handlers': ['console'], 'level': 'WARNING'},
    'loggers': {'django.request': {'level': 'WARNING'}},
}
C
}

# Processes, not threads: two requests for one page at once meet in the actions that Horizon 23's tables share.
start_horizon() {
  start beside.horizon "$HORIZON/log/horizon.log" env PYTHONPATH="$HORIZON" \
    "${UWSGI[@]}" --http-socket "$IP:$(port 0 dashboard)" --processes 3 --threads 1 \
    --static-map "/static=/var/lib/openstack-dashboard/static" --wsgi-file /usr/share/openstack-dashboard/wsgi.py
  wait_http "$(url 0 dashboard)/auth/login/" 120 beside.horizon
}

# ---- both ------------------------------------------------------------------------

register_heat() { # register_heat REGION : in the shared Keystone, where the cascade finds it
  local v1; v1=$(url 0 orchestration)/v1/%\(project_id\)s
  jq -n --arg a "$(auth_url 1)" --arg p "$PW" --arg r "$1" --arg u "$v1" \
    '{auth_url: $a, password: $p, stack_domain: "heat", regions: {($r): {orchestration: $u}}}' |
    /usr/bin/python3 "$HERE/services/keystone_setup.py"
}

cmd_beside() { # cmd_beside heat|horizon IDENTITY_URL [REGION] : with new settings when it ran already
  # shellcheck disable=SC2046
  if [ "${1:-}" = off ]; then stop $(names beside); return; fi
  local identity=${2:?which identity URL?} region=${3:-RegionOne}
  [ "$LAB_KEYSTONE" = shared ] || die "only with one shared Keystone"
  use_release zed
  case $1 in
    heat)
      stop beside.heat-api beside.heat-engine
      register_heat "$region"; conf_heat "$identity" "$region"; start_heat;;
    horizon)
      stop beside.horizon
      conf_horizon "$identity" "$region"; start_horizon; url 0 dashboard;;
    *) die "beside: heat or horizon";;
  esac
}
