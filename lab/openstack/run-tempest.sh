#!/usr/bin/env bash
# Runs through the cascade every Tempest test that passes against one of its sites
# (tempest-direct.txt), except those of tempest-exceptions.txt, which have their reason.
#
#   run-tempest.sh [--keep] [REGEX]     REGEX chooses among the tests
#
# Exits 1 when one of them does not pass.
set -uo pipefail
# shellcheck source=cascade.sh
. "$(dirname "${BASH_SOURCE[0]}")/cascade.sh"
if [ "${1:-}" = --keep ]; then keep=1; shift; fi
case ${1:-} in -*) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2;; esac
trap tidy EXIT

grep -v '^#' "$HERE/tempest-exceptions.txt" | cut -f1 >"$WORK/exceptions.txt"
grep -v '^#' "$HERE/tempest-direct.txt" | grep -vxFf "$WORK/exceptions.txt" | grep -E "${1:-.}" >"$WORK/tests.txt" ||
  { echo "no test matches '$1'" >&2; exit 2; }
echo "$(wc -l <"$WORK/tests.txt") tests"
if cascade_over_two_sites; then
  TEMPEST_SECONDS=${TEMPEST_SECONDS:-21600} tempest "$WORK/tests.txt"
fi
finish
