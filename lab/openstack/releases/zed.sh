# shellcheck shell=bash disable=SC2034  # the other parts use these
# OpenStack Zed, from Debian 12's packages. Sourced by use_release.

BIN=/usr/bin
PYTHON=/usr/bin/python3
ETC=/etc
first() { local f; for f in "$@"; do if [ -f "$f" ]; then echo "$f"; return; fi; done; }
NOVA_PASTE=$(first /usr/share/nova-common/api-paste.ini /etc/nova/api-paste.ini)
GLANCE_PASTE=$(first /usr/share/glance-common/glance-api-paste.ini /etc/glance/glance-api-paste.ini)
CINDER_PASTE=$(first /usr/share/cinder-common/api-paste.ini /etc/cinder/api-paste.ini)
NEUTRON_PASTE=$(first /usr/share/neutron-common/api-paste.ini /etc/neutron/api-paste.ini)
MORE_NETWORK_PLUGINS=
IMPORT_METHODS=glance-direct,web-download,copy-image
POLICY_DEFAULTS='enforce_scope = false
enforce_new_defaults = false'
# beside the services that every release has
MORE_SERVICES=()

release_installed() { command -v nova-api >/dev/null; }

# What the databases' schemas depend on.
release_versions() {
  dpkg-query -W -f='${Package}=${Version}\n' python3-nova python3-neutron python3-keystone \
    python3-glance python3-cinder python3-placement python3-neutron-vpnaas python3-networking-bgpvpn
}

start_api() { # start_api K SERVICE
  local c=$T/site$1
  case $2 in
    placement) start_wsgi "$1" placement placement 6 env OS_PLACEMENT_CONFIG_DIR="$c/placement" \
                 "${UWSGI[@]}" --wsgi-file /usr/bin/placement-api;;
    *)         start_program "$1" "$2";;
  esac
}
