#!/usr/bin/env bash
# The same measurements of several versions of the cascade, each in its checkout, in turns: the first read of simulated
# clouds, one server and lists of 1,000, boots.  The clouds and the measuring programs are this checkout's.
#
#   versions.sh OUT DIR [DIR...]        each DIR is a checkout after `npm ci`; `.` is this one
#
#   SITES=10 SERVERS=5000 ROUNDS=2 MINUTES=2    clouds, servers in each, turns, minutes of boots
#
# OUT/TURN-N-NAME.{import,requests,boots}.txt are the tables that import.ts, real-cloud.ts and boots.ts print.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ $# -ge 2 ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2; }
out=$1; shift
mkdir -p "$out"; out=$(cd "$out" && pwd)
listen=127.0.0.1:${PORT:-8760}
W=$(mktemp -d); chmod 755 "$W" # the embedded PostgreSQL is another user's
started=()
stop() { # stop PID... : each with its children
  local pid
  for pid in "$@"; do kill -TERM -- "-$pid" 2>/dev/null || true; done
  for pid in "$@"; do
    for _ in {1..80}; do kill -0 -- "-$pid" 2>/dev/null || break; sleep 0.25; done
    kill -KILL -- "-$pid" 2>/dev/null || true
  done
}
trap 'stop "${started[@]}"; rm -rf "$W"' EXIT
answers() { [ "$(curl -s -o /dev/null -m 5 -w '%{http_code}' "http://$listen/identity/v3")" = 200 ]; }
wait_until() { # wait_until COMMAND...
  for _ in {1..480}; do ! "$@" || return 0; sleep 0.25; done
  echo "not within two minutes: $*" >&2; return 1
}

measure() { # measure DIR FILE_PREFIX
  local data=$W/data cascade clouds
  rm -rf "$data" "$W/sites.json"; mkdir -p "$data"
  (cd "$1" && CASCADE_DATA_DIR=$data CASCADE_LISTEN=$listen exec setsid npx tsx src/main.ts serve) \
    >"$2.cascade.log" 2>&1 </dev/null & cascade=$!; started+=("$cascade")
  wait_until answers
  (cd "$HERE" && exec setsid npx tsx src/main.ts simulate --sites "${SITES:-10}" --servers "${SERVERS:-5000}" \
    --keystone "http://$listen/identity" --out "$W/sites.json") >"$2.clouds.log" 2>&1 </dev/null & clouds=$!; started+=("$clouds")
  wait_until test -s "$W/sites.json"
  export OS_AUTH_URL=http://$listen/identity/v3 OS_USERNAME=admin OS_PROJECT_NAME=admin OS_PASSWORD OS_REGION_NAME=RegionOne
  OS_PASSWORD=$(cat "$data/admin-password")
  cd "$HERE"
  npx tsx bench/import.ts --add "$W/sites.json" --expect $((${SITES:-10} * ${SERVERS:-5000})) --check | tee "$2.import.txt"
  local first; first=$(node -p 'const a = JSON.parse(require("fs").readFileSync(process.argv[1])); a.sites[0].name' "$W/sites.json")
  npx tsx bench/real-cloud.ts --site "$first" --sites "$W/sites.json" --servers 1000 --rounds 200 | tee "$2.requests.txt"
  npx tsx bench/boots.ts --minutes "${MINUTES:-2}" --settle 30 --sites-file "$W/sites.json" | tee "$2.boots.txt"
  stop "$cascade" "$clouds"; started=()
}

for ((turn = 1; turn <= ${ROUNDS:-2}; turn++)); do
  n=0
  for dir in "$@"; do
    n=$((n + 1))
    dir=$(cd "$dir" && pwd)
    echo "==== turn $turn: $dir"
    measure "$dir" "$out/$turn-$n-$(basename "$dir")"
  done
done
