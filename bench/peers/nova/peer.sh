#!/usr/bin/env bash
# nova-api with ten cells and many servers, to be measured beside a cascade that holds the same ones.
#
#   install.sh               once, as root
#   peer.sh up               start MariaDB, what answers for Neutron, and nova-api with one worker
#   peer.sh fill ROWS        ROWS servers in each of the ten cells, a multiple of 1000 (100000: a million in all), ANALYZE
#   peer.sh status           what runs, with memory, and the number of servers
#   peer.sh down             stop everything, keep the state
#   peer.sh purge            down, and delete all state
#
#   PEER_DIR=/var/tmp/cascade-peer-nova   all state, logs, pids (9 GB for a million servers)
#   PEER_PORT_BASE=20000                  nova-api at base + 774, MariaDB at base + 306, Neutron's answers at base + 696
#   PEER_BUFFER_POOL=4G                   MariaDB's innodb_buffer_pool_size
#
# Ask it as  curl -H 'X-User-Id: u' -H 'X-Project-Id: PROJECT' -H 'X-Roles: admin' -H 'X-Auth-Token: any' \
#              http://127.0.0.1:20774/v2.1/servers
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../../.." && pwd)
export LAB_DIR=${PEER_DIR:-/var/tmp/cascade-peer-nova} LAB_PORT_BASE=${PEER_PORT_BASE:-20000} LAB_IGNORE_SETTINGS=1
for part in settings daemons configuration infrastructure; do
  # shellcheck source=/dev/null
  . "$ROOT/lab/openstack/services/$part.sh"
done
# shellcheck source=/dev/null
. "$HERE/configuration.sh"
export LC_ALL=C.UTF-8 PYTHONUNBUFFERED=1 PYTHONWARNINGS=ignore no_proxy=$IP,localhost

start_database() {
  start_mariadb --innodb-buffer-pool-size="${PEER_BUFFER_POOL:-4G}" --innodb-log-file-size=1G --innodb-autoinc-lock-mode=2
}

cells() { seq 1 "$CELLS"; }

# One cell's schema is migrated, the others are copies of it. cell0, which holds what could not be scheduled, stays empty.
make_schemas() {
  local cell db
  [ ! -f "$T/schemas" ] || return 0
  say "migrating nova's schemas (a minute)"
  for db in nova_api nova_cell0; do sql -e "DROP DATABASE IF EXISTS $db; CREATE DATABASE $db"; done
  { nova-manage --config-file "$T/nova/nova.conf" api_db sync && nova-manage --config-file "$T/nova/nova.conf" db sync --local_cell
  } >"$T/schema.log" 2>&1 || die "see $T/schema.log"
  for cell in $(cells); do
    { echo "SET SESSION foreign_key_checks=0; DROP DATABASE IF EXISTS nova_cell$cell; CREATE DATABASE nova_cell$cell; USE nova_cell$cell;"
      mariadb-dump --no-defaults -S "$INFRA/mariadb/sock" -u root nova_cell0; } | sql
  done
  { echo "INSERT INTO cell_mappings (created_at, uuid, name, transport_url, database_connection, disabled) VALUES"
    echo "(NOW(), '00000000-0000-0000-0000-000000000000', 'cell0', 'none:///', '$(db_url nova_cell0)', 0)"
    for cell in $(cells); do
      echo ", (NOW(), UUID(), 'cell$cell', 'fake:/', '$(db_url "nova_cell$cell")', 0)"
    done; } | sql nova_api >/dev/null
  touch "$T/schemas"
}

cmd_up() {
  local p
  [ "$(id -u)" = 0 ] || die "up: must run as root"
  for p in mariadbd nova-api nova-manage curl; do
    command -v "$p" >/dev/null || die "$p is missing: run install.sh"
  done
  mkdir -p "$RUN" "$T/nova/locks"
  write_paste "$T/nova/api-paste.ini"
  conf_nova nova_cell0 "$T/nova/nova.conf"
  start_database
  make_schemas
  start neutron "$T/neutron.log" "$ROOT/node_modules/.bin/tsx" "$HERE/neutron.ts" "$(port 0 network)" "$(held)"
  start nova-api "$T/nova-api.log" nova-api --config-file "$T/nova/nova.conf"
  wait_http "$(url 0 network)/" 60 neutron
  wait_http "$(url 0 compute)/" 120 nova-api
  say "nova-api answers at $(url 0 compute)/v2.1"
}

held() { cat "$T/rows" 2>/dev/null || echo 0; } # servers in all cells

cmd_fill() {
  local rows=${1:-} cell started=$SECONDS
  [[ $rows =~ ^[1-9][0-9]*000$ && $rows -le 100000 ]] || die "fill: how many servers in each cell? 1000, 2000 … 100000"
  running mariadb || die "fill: 'up' first"
  [ "$(held)" = 0 ] || die "fill: there are $(held) servers already; 'purge' first"
  echo "SET @cells = $CELLS;" | cat - "$HERE/fill-api.sql" | sql nova_api >/dev/null
  for cell in $(cells); do
    echo "SET @cell = $cell, @cells = $CELLS, @rows = $rows;" | cat - "$HERE/fill-cell.sql" | sql "nova_cell$cell" >/dev/null
    say "cell$cell is filled after $((SECONDS - started)) s"
  done
  echo "SET @cells = $CELLS, @rows = $rows;" | cat - "$HERE/fill-mappings.sql" | sql nova_api >/dev/null
  echo $((rows * CELLS)) >"$T/rows"
  # Both hold something of what was there before: flavors and zones, and the number of servers.
  stop nova-api neutron
  cmd_up
}

cmd_down() { stop nova-api neutron; stop mariadb; kill_strays; }
cmd_purge() {
  cmd_down
  rm -rf "$T/nova" "$INFRA" "$RUN" "$T"/*.log "$T/schemas" "$T/rows"
  [ ! -d "$T" ] || rmdir --ignore-fail-on-non-empty "$T"
}
cmd_status() {
  local n state rc=0
  for n in mariadb neutron nova-api; do
    state=down; if running "$n"; then state="pid $(pid_of "$n"), $(memory_mb "$n") MB"; else rc=1; fi
    echo "$n: $state"
  done
  echo "servers: $(held)"
  return $rc
}

case ${1:-help} in
  up|down|purge|status) "cmd_$1";;
  fill) cmd_fill "${2:-}";;
  help|-h|--help) sed -n '2,/^set -euo/{/^set/d;s/^# \{0,1\}//;p}' "$0";;
  *) die "unknown command '$1' (try: help)";;
esac
