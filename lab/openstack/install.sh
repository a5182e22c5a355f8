#!/usr/bin/env bash
# Installs everything the lab needs from Debian 12 (bookworm)
# packages, i.e. OpenStack "Zed": keystone 22, nova 26, neutron 21, glance 25,
# cinder 21, placement 8, plus MariaDB, RabbitMQ and memcached.
#
#   install.sh [base] [tempest] [nova-api] [consoles] [dataplane] [beside] [terraform] [gophercloud] [2026.2] [clients-2026.2]
#
# With no argument: base.  A release's name brings that release from PyPI, the exact
# versions of releases/NAME.txt in a virtual environment under LAB_DIR's cache; clients-NAME
# are its clients and Tempest.
# Idempotent; packages never start a service by
# themselves (policy-rc.d answers 101 while this runs), since lab.sh starts
# its own copies on its own ports with its own configuration.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8

declare -A SETS=(
  # nova-compute (the package) is left out on purpose: it pulls in libvirt and
  # qemu.  The nova.cmd.compute code itself is in python3-nova, and the fake virt
  # driver needs nothing else.
  [base]="mariadb-server rabbitmq-server memcached uwsgi-core uwsgi-plugin-python3
          keystone placement-api glance-api nova-api nova-conductor nova-scheduler
          cinder-api cinder-scheduler cinder-volume cinder-backup neutron-server
          python3-neutron-vpnaas python3-networking-bgpvpn python3-openstackclient
          python3-osc-placement python3-pymysql python3-sqlalchemy-ext python3-memcache python3-fixtures
          qemu-utils nvme-cli dmidecode sudo openssh-client procps jq curl"
  # nova-api and its database alone, for bench/peers/nova
  [nova-api]="mariadb-server nova-api python3-pymysql python3-sqlalchemy-ext curl procps"
  [tempest]="tempest python3-stestr subunit"
  # nova-novncproxy, for consoles that carry bytes (LAB_WITH=consoles)
  [consoles]="nova-consoleproxy novnc python3-websockify"
  # Neutron's agents, Open vSwitch and OVN, and what their hosts and guests are made of (LAB_WITH=dataplane)
  [dataplane]="openvswitch-switch ovn-central ovn-host neutron-openvswitch-agent neutron-l3-agent neutron-dhcp-agent
          dnsmasq-base radvd iptables conntrack iproute2 iputils-ping iputils-arping ethtool tcpdump busybox"
  # one Heat and one Horizon beside a cascade (lab.sh beside), and a browser that walks through Horizon
  [beside]="heat-api heat-engine python3-heatclient openstack-dashboard python3-heat-dashboard
          chromium chromium-driver python3-selenium"
  # OpenTofu and its OpenStack provider are built (go/build.sh), by a Go that may be older than they need
  [terraform]="jq openssh-client"
  # the acceptance tests of the library that Terraform, Kubernetes and exporters use
  [gophercloud]="jq"
  [go]="golang-go"
  # what a virtual environment is made with
  [venv]="python3-venv"
)
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=/dev/null
. "$HERE/services/settings.sh"
# shellcheck source=/dev/null
. "$HERE/services/release.sh"
# shellcheck source=/dev/null
. "$HERE/go/build.sh"

# ==== releases from PyPI ============================================================

# Nothing is resolved: the list is complete. The mark at the end tells a whole environment from one that was left half done.
make_venv() { # make_venv RELEASE
  local venv started=$SECONDS
  venv=$(venv_of "$1")
  [ ! -f "$venv/done" ] || return 0
  rm -rf "$CACHE/venv-$1"-*
  mkdir -p "$CACHE"
  /usr/bin/python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$HERE/releases/$1.txt"
  "$venv/bin/python" -m compileall -q "$venv/lib" || true # a package may ship a template that is no Python yet
  touch "$venv/done"
  say "OpenStack $1 is in $venv after $((SECONDS - started)) s"
}

# ==== packages ======================================================================

want=() releases=()
for s in "$@"; do
  if [ -f "$HERE/releases/$s.txt" ]; then releases+=("$s"); else want+=("$s"); fi
done
[ ${#releases[@]} -eq 0 ] || want+=(venv)
wants() { [[ " ${want[*]} " == *" $1 "* ]]; }
if { wants terraform || wants gophercloud; } && ! command -v go >/dev/null; then want+=(go); fi
[ ${#want[@]} -gt 0 ] || want=(base)
pkgs=()
for s in "${want[@]}"; do
  [ -n "${SETS[$s]:-}" ] || { echo "install.sh: unknown set '$s' (know: ${!SETS[*]})" >&2; exit 2; }
  # shellcheck disable=SC2206
  pkgs+=(${SETS[$s]})
done

# Only ask apt for what is missing, so that a second run costs nothing.
missing=()
for p in "${pkgs[@]}"; do
  dpkg-query -W -f='${Status}\n' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
done

apt_get() {
  apt-get -y -q --no-install-recommends -o DPkg::Lock::Timeout=600 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -o Dpkg::Options::=--force-unsafe-io "$@"
}
install_packages() { # install_packages NAME...
  # Stop maintainer scripts from starting daemons (put back as it was afterwards).
  rc=/usr/sbin/policy-rc.d; made_rc=
  if [ ! -e "$rc" ]; then printf '#!/bin/sh\nexit 101\n' >"$rc"; chmod 755 "$rc"; made_rc=1; fi
  trap '[ -z "$made_rc" ] || rm -f "$rc"' EXIT
  apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [0-9]' || apt-get -q update
  apt_get install "$@"
}

if [ ${#missing[@]} -gt 0 ]; then
  [ "$(id -u)" = 0 ] || { echo "install.sh: must run as root to install: ${missing[*]}" >&2; exit 1; }
  install_packages "${missing[@]}"
else
  echo "install.sh: nothing to install (${want[*]})"
fi
for s in "${releases[@]}"; do make_venv "$s"; done
if wants terraform; then build_terraform; fi
if wants gophercloud; then build_gophercloud; fi
