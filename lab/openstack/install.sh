#!/usr/bin/env bash
# Installs everything the lab needs from Debian 12 (bookworm)
# packages, i.e. OpenStack "Zed": keystone 22, nova 26, neutron 21, glance 25,
# cinder 21, placement 8, plus MariaDB, RabbitMQ and memcached.
#
#   install.sh [base] [tempest] [nova-api] [consoles] [beside]
#
# With no argument: base.  Idempotent; packages never start a service by
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
  # one Heat and one Horizon beside a cascade (lab.sh beside), and a browser that walks through Horizon
  [beside]="heat-api heat-engine python3-heatclient openstack-dashboard python3-heat-dashboard
          chromium chromium-driver python3-selenium"
)

want=("$@"); [ ${#want[@]} -gt 0 ] || want=(base)
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
[ ${#missing[@]} -gt 0 ] || { echo "install.sh: nothing to do (${want[*]})"; exit 0; }

[ "$(id -u)" = 0 ] || { echo "install.sh: must run as root to install: ${missing[*]}" >&2; exit 1; }

# Stop maintainer scripts from starting daemons (put back as it was afterwards).
rc=/usr/sbin/policy-rc.d; made_rc=
if [ ! -e "$rc" ]; then printf '#!/bin/sh\nexit 101\n' >"$rc"; chmod 755 "$rc"; made_rc=1; fi
trap '[ -z "$made_rc" ] || rm -f "$rc"' EXIT

apt_get() {
  apt-get -y -q --no-install-recommends -o DPkg::Lock::Timeout=600 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
    -o Dpkg::Options::=--force-unsafe-io "$@"
}
apt-cache policy "${missing[0]}" 2>/dev/null | grep -q 'Candidate: [0-9]' || apt-get -q update
apt_get install "${missing[@]}"
