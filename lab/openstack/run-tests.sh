#!/usr/bin/env bash
# Tests the cascade against two real OpenStack clouds: the walk of the openstack client, the life of a volume,
# consoles, a selection of Tempest, some stacks of Heat and pages of Horizon, then images and faults.  Installs what is missing, starts the lab unless it runs.
#
#   run-tests.sh [--keep]      --keep leaves the lab and the cascade running
#
# Prints `ok  NAME` or `FAIL NAME: ...` per check; exits 1 when one failed.
set -uo pipefail
# shellcheck source=cascade.sh
. "$(dirname "${BASH_SOURCE[0]}")/cascade.sh"
case ${1:-} in
  '') ;;
  --keep) keep=1;;
  *) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2;;
esac
trap tidy EXIT

consoles() {
  npx tsx test/openstack/consoles.ts "$CASCADE" | tee "$WORK/consoles.txt"
  count_lines "$WORK/consoles.txt"
}

same_answers() {
  npx tsx test/openstack/same-answers/run.ts "$CASCADE" --every "${SAME_ANSWERS_EVERY:-40}" | tee "$WORK/same.txt"
  count_lines "$WORK/same.txt"
}

# Rows that only a lab of two releases can show.
microversions() {
  npx tsx test/openstack/microversions/run.ts "$CASCADE" | tee "$WORK/microversions.txt"
  count_lines "$WORK/microversions.txt"
}

# Cascades of their own, since they are killed; sites of the lab are frozen, killed and started again.
images() {
  FAULTS_PORT=$((${CASCADE_TEST_PORT:-8700} + 4)) IMAGES_MB=${IMAGES_MB:-64} npx tsx test/openstack/images/run.ts | tee "$WORK/images.txt"
  count_lines "$WORK/images.txt"
}
faults() {
  FAULTS_PORT=$((${CASCADE_TEST_PORT:-8700} + 2)) npx tsx test/openstack/faults.ts | tee "$WORK/faults.txt"
  count_lines "$WORK/faults.txt"
}

if cascade_over_two_sites; then
  walk
  volume_life
  consoles
  [ -z "$LAB_RELEASES" ] || microversions
  same_answers
  grep -v '^#' "$HERE/tempest-ci.txt" >"$WORK/tests.txt"
  TEMPEST_SECONDS=1500 tempest "$WORK/tests.txt"
  heat_walk --short
  horizon_walk --short
  stop_cascade
  images
  faults
fi
finish
