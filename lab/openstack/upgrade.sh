#!/usr/bin/env bash
# A site goes from Zed to a newer release behind a running cascade, while servers are made in the other one. Installs what
# is missing, and starts a lab of its own: an upgraded site cannot go back.
#
#   upgrade.sh [--keep] [RELEASE]      RELEASE is the newest there is unless told (2026.2)
#
# Prints `ok  NAME` or `FAIL NAME: ...` per check; exits 1 when one failed.
set -uo pipefail
export LAB_RELEASES='' # all sites begin as Zed
# shellcheck source=cascade.sh
. "$(dirname "${BASH_SOURCE[0]}")/cascade.sh"
if [ "${1:-}" = --keep ]; then keep=1; shift; fi
case ${1:-} in -*) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2;; esac
release=${1:-2026.2}
trap tidy EXIT
if "$HERE/lab.sh" status >/dev/null; then
  echo "a lab runs already, which this would change for good: lab.sh purge --keep-cache, or another LAB_DIR" >&2; exit 2
fi

if check "$release is installed" "$HERE/install.sh" "$release" && cascade_over_two_sites; then
  npx tsx test/openstack/upgrade.ts "$CASCADE" "$release" | tee "$WORK/upgrade.txt"
  count_lines "$WORK/upgrade.txt"
fi
finish
