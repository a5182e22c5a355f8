#!/usr/bin/env bash
# The newest clients, unchanged, through a cascade over two real clouds: the openstack client of 2026.2, OpenTofu with the
# OpenStack provider, and gophercloud's acceptance tests that pass against one site alone (gophercloud-direct.txt).
# Installs what is missing, starts the lab unless it runs.
#
#   run-clients.sh [--keep] [openstack] [terraform] [gophercloud]      all when none is named
#
# Prints `ok  NAME` or `FAIL NAME: ...` per check; exits 1 when one failed.
set -uo pipefail
export LAB_CLIENTS=${LAB_CLIENTS-2026.2}
# shellcheck source=cascade.sh
. "$(dirname "${BASH_SOURCE[0]}")/cascade.sh"
if [ "${1:-}" = --keep ]; then keep=1; shift; fi
for one in "$@"; do
  case $one in openstack|terraform|gophercloud) ;; *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2;; esac
done
trap tidy EXIT

openstack_client() {
  walk
  volume_life
}
terraform_client() {
  check 'OpenTofu and its provider are built' "$HERE/install.sh" terraform || return 1
  "$HERE/terraform.sh" "$OPENRC" site1 site2 | tee "$WORK/terraform.txt"
  count_lines "$WORK/terraform.txt"
}
gophercloud_client() {
  local test
  check "gophercloud's tests are built" "$HERE/install.sh" gophercloud || return 1
  cut -f1 "$HERE/gophercloud-exceptions.txt" >"$WORK/exceptions.txt"
  grep -v '^#' "$HERE/gophercloud-direct.txt" | grep -vxFf "$WORK/exceptions.txt" >"$WORK/gophercloud.txt"
  "$HERE/gophercloud.sh" "$WORK/gophercloud" "$OPENRC" external-site2 "$WORK/gophercloud.txt"
  while read -r test; do
    check "gophercloud $test" grep -qxF "$test" "$WORK/gophercloud/pass.txt" ||
      grep -A12 "^=== RUN   ${test#* }\$" "$WORK/gophercloud/${test% *}.log" | tail -n 12
  done <"$WORK/gophercloud.txt"
}

if cascade_over_two_sites; then
  for one in ${*:-openstack terraform gophercloud}; do
    "${one}_client"
  done
fi
finish
