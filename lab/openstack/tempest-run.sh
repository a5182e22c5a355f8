#!/usr/bin/env bash
# Runs Tempest tests in a workspace that tempest-conf.sh made, and sums up.
#
#   tempest-run.sh DIR [-c CONCURRENCY] [-l LIST_FILE] [REGEX...]
#
# A list file has one test name a line.  Results: DIR/pass.txt, DIR/fail.txt,
# DIR/skip.txt (test names), DIR/run.log, and a count per module on standard output.
# Exits 1 when a test failed.  TEMPEST_SECONDS (7200) limits the run.
set -uo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dir=${1:?workspace directory}; shift
concurrency=2 arguments=() clients=${CLIENTS_BIN:-/usr/bin}
while getopts c:l: option; do
  case $option in
    c) concurrency=$OPTARG;;
    # stestr wants patterns, and its names end in [id-...,tags]
    l) sed 's/\./\\./g; s/.*/^&(\\[|$)/' "$OPTARG" >"$dir/include.txt"; arguments+=(--include-list include.txt);;
    *) exit 2;;
  esac
done
shift $((OPTIND - 1))
cd "$dir" || exit 2
[ -d .stestr ] || "$clients/stestr" init >/dev/null
unset PYTHON
export TEMPEST_CONFIG_DIR=$PWD/etc TEMPEST_CONFIG=tempest.conf PYTHONWARNINGS=ignore OS_TEST_TIMEOUT=${OS_TEST_TIMEOUT:-600}
regex=$(IFS='|'; echo "$*")
timeout --kill-after=30 "${TEMPEST_SECONDS:-7200}" "$clients/stestr" run --concurrency "$concurrency" "${arguments[@]}" ${regex:+"$regex"} >run.log 2>&1
"$clients/stestr" last --subunit >last.subunit 2>/dev/null
"$clients/python3" "$HERE/tempest_sum.py"
