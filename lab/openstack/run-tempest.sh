#!/usr/bin/env bash
# Runs through the cascade every Tempest test that passes against one of its sites
# (tempest-direct.txt), except those of tempest-exceptions.txt, which have their reason.
#
#   run-tempest.sh [--keep] [--zone ZONE] [REGEX]       REGEX chooses among the tests
#   run-tempest.sh [--keep] --direct SITE OUT [REGEX]   against one site alone, all tests that there are: what
#                                                       passes, fails and is skipped is in OUT
#
# ZONE has the external network, and thereby what names no zone. With LAB_CLIENTS=2026.2 it is the Tempest of that
# release, and what passes against a site of that release (tempest-direct-2026.2.txt, in zone site2 unless told).
# Exits 1 when a test does not pass.
set -uo pipefail
# shellcheck source=cascade.sh
. "$(dirname "${BASH_SOURCE[0]}")/cascade.sh"
usage() { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2; }
direct='' of=${LAB_CLIENTS:+-$LAB_CLIENTS}
zone=${LAB_CLIENTS:+site2}
while [ $# -gt 0 ]; do
  case $1 in
    --keep) keep=1; shift;;
    --zone) zone=${2:?}; shift 2;;
    --direct) direct=${2:?}; out=${3:?}; shift 3;;
    -*) usage;;
    *) break;;
  esac
done
trap tidy EXIT
export TEMPEST_SECONDS=${TEMPEST_SECONDS:-21600}

against_site() {
  cd "$ROOT" || return 1
  check 'the lab is up' lab_up || return 1
  check 'tempest is configured' "$HERE/tempest-conf.sh" --out "$WORK/tempest" --openrc "$LAB/openrc-$direct" --interface internal \
    --prefix "direct-$$" "${TEMPEST_SETTINGS[@]}" || return 1
  "$HERE/tempest-run.sh" "$WORK/tempest" -c "${TEMPEST_CONCURRENCY:-2}" "${1:-^tempest\.(api\.(compute|identity|image|network|volume)|scenario\.test_server_basic_ops)}"
  mkdir -p "$out" && cp "$WORK"/tempest/{pass,fail,skip}.txt "$WORK/tempest/run.log" "$out"
  OPENRC=$LAB/openrc-$direct remove_tempest_resources "direct-$$" >/dev/null 2>&1
}

if [ -n "$direct" ]; then
  against_site "$@"
else
  grep -v '^#' "$HERE/tempest-exceptions$of.txt" | cut -f1 >"$WORK/exceptions.txt"
  grep -v '^#' "$HERE/tempest-direct$of.txt" | grep -vxFf "$WORK/exceptions.txt" | grep -E "${1:-.}" >"$WORK/tests.txt" ||
    { echo "no test matches '$1'" >&2; exit 2; }
  echo "$(wc -l <"$WORK/tests.txt") tests"
  if cascade_over_two_sites; then
    tempest "$WORK/tests.txt" "${zone:-site1}"
  fi
fi
finish
