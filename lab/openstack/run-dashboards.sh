#!/usr/bin/env bash
# One unchanged Heat and one unchanged Horizon beside a cascade over two real clouds: every
# kind of stack, and every page.  Installs what is missing, starts the lab unless it runs.
#
#   run-dashboards.sh [--keep] [heat] [horizon]      both when none is named
#
# Prints `ok  NAME` or `FAIL NAME: ...` per check; exits 1 when one failed.
set -uo pipefail
# shellcheck source=cascade.sh
. "$(dirname "${BASH_SOURCE[0]}")/cascade.sh"
if [ "${1:-}" = --keep ]; then keep=1; shift; fi
case "${*:-heat horizon}" in
  heat|horizon|'heat horizon') ;;
  *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2;;
esac
trap tidy EXIT

if cascade_over_two_sites; then
  for one in ${*:-heat horizon}; do "${one}_walk"; done
fi
finish
