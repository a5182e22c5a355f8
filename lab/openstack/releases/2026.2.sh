# shellcheck shell=bash disable=SC2034  # the other parts use these
# OpenStack 2026.2, from PyPI, in a virtual environment of Debian 12's Python 3.11 (install.sh 2026.2); the exact versions
# are in 2026.2.txt. Every API is a WSGI application: the programs nova-api, neutron-server and glance-api are gone.
# Sourced by use_release.

VENV=$(venv_of 2026.2)
BIN=$VENV/bin
PYTHON=$VENV/bin/python
ETC=$VENV/etc
NOVA_PASTE=$ETC/nova/api-paste.ini
GLANCE_PASTE=$ETC/glance/glance-api-paste.ini
CINDER_PASTE=$ETC/cinder/api-paste.ini
NEUTRON_PASTE=$ETC/neutron/api-paste.ini
# Debian 12 has no neutron-fwaas for Zed
MORE_NETWORK_PLUGINS=,firewall_v2
IMPORT_METHODS=glance-direct,web-download,copy-image,glance-download
# the release's own: scopes and the new defaults are enforced
POLICY_DEFAULTS=''
# What neutron-server did beside its API is two programs.
MORE_SERVICES=(neutron-rpc-server neutron-periodic-workers)

release_installed() { [ -f "$VENV/done" ]; }
release_versions()  { cat "$HERE/releases/2026.2.txt"; }

start_api() { # start_api K SERVICE
  local c=$T/site$1 uwsgi=("${UWSGI[@]}" --virtualenv "$VENV")
  case $2 in
    placement)      start_wsgi "$1" "$2" placement 6 env OS_PLACEMENT_CONFIG_DIR="$c/placement" \
                      "${uwsgi[@]}" --module placement.wsgi.api:application;;
    nova-api)       start_wsgi "$1" "$2" compute 8 env OS_NOVA_CONFIG_DIR="$c" OS_NOVA_CONFIG_FILES="$NOVA_PASTE;nova.conf" \
                      "${uwsgi[@]}" --module nova.wsgi.osapi_compute:application;;
    neutron-server) # ML2/OVN tells its workers from those of an earlier start by the time.
                    [ "$(backend_of "$1")" != ovn ] || uwsgi+=(--set-ph "start-time=$(date +%s)")
                    start_wsgi "$1" "$2" network 8 env OS_NEUTRON_CONFIG_DIR="$c" OS_NEUTRON_CONFIG_FILES=neutron.conf \
                      "${uwsgi[@]}" --module neutron.wsgi.api:application;;
    cinder-api)     start_wsgi "$1" "$2" volume 8 \
                      "${uwsgi[@]}" --module cinder.wsgi.api:application --pyargv "--config-file $c/cinder.conf";;
    # glance looks for a file of this name. uwsgi by itself gives up a body that stands still for 4 s, or has a chunk over
    # 1 MiB, which deployments raise for glance.
    glance-api)     ln -sf glance.conf "$c/glance-api.conf"
                    start_wsgi "$1" "$2" image 8 env OS_GLANCE_CONFIG_DIR="$c" \
                      "${uwsgi[@]}" --socket-timeout 120 --chunked-input-limit 16777216 --module glance.wsgi.api:application;;
  esac
}
