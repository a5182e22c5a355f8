#!/usr/bin/env bash
# Real OpenStack clouds ("sites") on loopback, for testing a cascade over them.
#
#   lab.sh up [N] [--release siteK=NAME]...
#                                start N sites (default 2) and what they share; a site
#                                is OpenStack Zed unless told (releases/)
#   lab.sh down                  stop everything, keep the state
#   lab.sh purge [--keep-cache]  down, and delete all state (and the schema cache)
#   lab.sh status                what runs, with memory; exit 1 unless all of it runs
#   lab.sh stop K [SERVICE]      orderly stop of site K (or of one service of it)
#   lab.sh kill K [SERVICE]      SIGKILL, as when a site loses power
#   lab.sh start K [SERVICE]     bring it back, with the state it had
#   lab.sh freeze K [SERVICE]    SIGSTOP: connections open, answers never come
#   lab.sh thaw K [SERVICE]      SIGCONT
#   lab.sh upgrade K NAME        to another release: stop, migrate the databases, start
#   lab.sh hide | expose         disable/enable the sites' public endpoints
#                                in the shared Keystone's catalogue
#   lab.sh beside heat|horizon IDENTITY_URL [REGION]
#                                one Heat or Horizon, unchanged, whose Keystone is the
#                                cascade's; `beside off` stops both
#   lab.sh env                   (re)write openrc files and lab.json, print their paths
#   lab.sh guest K SERVER_OR_PORT COMMAND...
#                                runs a command as a guest of site K (dataplane)
#   lab.sh host K COMMAND...     runs it where site K's switch and agents are
#   lab.sh outside COMMAND...    runs it outside, where floating IPs are reached from
#
# Options of `up` come from the environment; the other commands then remember them
# (`up` itself takes them anew each time, and leaves running services alone):
#   LAB_DIR=/var/tmp/cascade-lab   all state, logs, pids
#   LAB_KEYSTONE=shared|federated  one Keystone for all, or one per site
#   LAB_RELEASES=site2=2026.2      the same as --release
#   LAB_COMPUTES=1                 fake hypervisors per site
#   LAB_WITH=backup,consoles,external,dataplane
#                                  optional services on every site; external: a network
#                                  external-siteK, where floating IPs come from; dataplane:
#                                  Neutron is real down to packets, and servers have guests
#   LAB_DATAPLANE=site2=ovn        sites with a data plane of ML2/OVN instead of ML2/OVS
#   LAB_PORT_BASE=10000            site K's ports are base + K*1000 + ...
#   LAB_PASSWORD=secret            every password there is
#
# Everything binds to 127.0.0.1.  See README.md beside this file.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cmd=${1:-help}
# Settings given on `up`'s command line win over the remembered ones.
[ "$cmd" != up ] || export LAB_IGNORE_SETTINGS=1
for part in settings release ml2 daemons host configuration infrastructure keystone site beside; do
  # shellcheck source=/dev/null
  . "$HERE/services/$part.sh"
done

export LC_ALL=C.UTF-8 HOME=${HOME:-/root} PYTHONPATH=$T/plugins PYTHONUNBUFFERED=1 PYTHONWARNINGS=ignore
# Shell-wide OS_* and proxy settings must not leak into the services.
for v in ${!OS_@} http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy; do unset "$v"; done
export no_proxy=127.0.0.1,localhost

# ==== up ==========================================================================

remember_settings() {
  local v
  for v in LAB_SITES LAB_KEYSTONE LAB_RELEASES LAB_COMPUTES LAB_WITH LAB_DATAPLANE LAB_PASSWORD LAB_PORT_BASE; do
    # shellcheck disable=SC2016
    printf ': "${%s:=%s}"\n' "$v" "${!v}"
  done >"$T/settings"
}

# State that cannot be trusted is thrown away: databases whose server died without
# `down` (they are not kept durable), or of another set of package versions.
discard_dead_state() {
  if [ -f "$(pidfile mariadb)" ] && ! running mariadb; then
    say "an earlier run ended without 'down'; starting afresh"
  elif [ -f "$INFRA/schema-key" ] && [ "$(cat "$INFRA/schema-key")" != "$(schema_keys)" ]; then
    say "the packages, releases or network back ends changed since the databases were made; starting afresh"
  else
    return 0
  fi
  cmd_purge --keep-cache
}

start_identity() {
  local k jobs=() job keystones
  if [ "$LAB_KEYSTONE" = federated ]; then keystones=$(all_sites); else keystones=0; fi
  for k in $keystones; do start_keystone "$k" & jobs+=($!); done
  for k in $(all_sites); do conf_site "$k" "$(release_of "$k")"; make_site_dbs "$k" & jobs+=($!); done
  for job in "${jobs[@]}"; do wait "$job" || die "could not prepare Keystone or the databases"; done
  if [ "$LAB_KEYSTONE" = federated ]; then
    for k in $(all_sites); do setup_keystone "$k" "$k"; done
  else
    # shellcheck disable=SC2046
    setup_keystone 0 $(all_sites)
  fi
}

cmd_up() {
  local started=$SECONDS k p r
  while [ $# -gt 0 ]; do
    case $1 in
      --release) add_release "${2:-}"; shift 2;;
      *) LAB_SITES=$1; shift;;
    esac
  done
  [[ $LAB_SITES =~ ^[1-9]$ ]] || die "up: 1 to 9 sites"
  [ "$(id -u)" = 0 ] || die "up: must run as root"
  for p in mariadbd uwsgi-core keystone-manage jq curl; do
    command -v "$p" >/dev/null || die "$p is missing: run install.sh"
  done
  check_releases
  check_dataplane
  discard_dead_state
  mkdir -p "$T" "$RUN" "$CACHE" "$INFRA"
  remember_settings
  rm -rf "$T/plugins"; cp -r "$HERE/plugins" "$T/plugins"
  /usr/bin/python3 -m compileall -q "$T/plugins"

  say "starting MariaDB, RabbitMQ, memcached"
  start_infrastructure
  ! with dataplane || start_outside
  schema_keys >"$INFRA/schema-key"
  for r in $(releases_in_use); do make_schemas "$r"; done
  say "infrastructure is up after $((SECONDS - started)) s; starting Keystone"
  start_identity
  say "Keystone is up after $((SECONDS - started)) s; starting $LAB_SITES sites"
  for k in $(all_sites); do start_site "$k"; done
  for k in $(all_sites); do wait_site "$k"; say "site $k is up after $((SECONDS - started)) s"; done
  ! with external || for k in $(all_sites); do make_external_network "$k"; done
  write_env
}

# ==== down ========================================================================

cmd_down() {
  # shellcheck disable=SC2046
  stop_users_first $(names beside) $(names site) $(names keystone) $(names outside)
  # shellcheck disable=SC2046
  stop $(names rabbit) $(names memcached) $(names mariadb)
  # shellcheck disable=SC2046
  stop $(names epmd)
  kill_strays
}

cmd_purge() {
  cmd_down
  # Only what this script makes, never an unexpected tree.
  rm -rf "$T"/site? "$T"/site99 "$T"/keystone? "$T"/keystone99 "$T/beside" "$INFRA" "$RUN" "$T/log" "$T/plugins" \
    "$T"/openrc-site? "$T/lab.json" "$T/settings"
  [ "${1:-}" = --keep-cache ] || rm -rf "$CACHE"
  [ ! -d "$T" ] || rmdir --ignore-fail-on-non-empty "$T"
}

# ==== the rest ====================================================================

expected_daemons() {
  local k s
  printf '%s\n' epmd mariadb memcached rabbit
  [ "$LAB_KEYSTONE" = federated ] || echo keystone
  ! with dataplane || echo outside
  for k in $(all_sites); do for s in $(site_services "$k"); do echo "site$k.$s"; done; done
}

cmd_status() {
  local n mb total=0 state rc=0
  printf '%-28s %7s %7s %6s\n' SERVICE PID STATE PSS/MB
  for n in $({ expected_daemons; names ''; } | sort -u); do
    state=down; mb=0
    if running "$n"; then
      state=up; mb=$(memory_mb "$n"); total=$((total + mb))
      if grep -q '^State:.T' "/proc/$(pid_of "$n")/status"; then state=frozen; fi
    fi
    [ "$state" = up ] || rc=1
    printf '%-28s %7s %7s %6s\n' "$n" "$(pid_of "$n" || echo -)" "$state" "$mb"
  done
  printf '%-28s %7s %7s %6s\n' total '' '' "$total"
  return $rc
}

cmd_start() { # cmd_start K [SERVICE]
  conf_site "$1" "$(release_of "$1")"
  if [ -n "${2:-}" ]; then start_service "$1" "$2"; else start_site "$1"; wait_site "$1"; fi
}

# As an operator who skips releases does it: the site is away all the while.
cmd_upgrade() { # cmd_upgrade K RELEASE
  local k=${1:-} started=$SECONDS
  is_site "$k"
  add_release "site$k=${2:-}"
  check_releases
  # shellcheck disable=SC2046
  stop_users_first $(site_daemons "$k")
  remember_settings
  conf_site "$k" "$2"
  say "site $k is down; migrating its databases to $2"
  migrate_databases "$T/site$k" upgraded
  schema_keys >"$INFRA/schema-key"
  start_site "$k"; wait_site "$k"
  say "site $k is of $2 after $((SECONDS - started)) s"
}

is_site() { [[ ${1:-} =~ ^[1-9]$ && $1 -le $LAB_SITES ]] || die "which site? (1..$LAB_SITES)"; }

with_site() { # with_site COMMAND K [SERVICE]
  local command=$1 daemons; shift
  is_site "${1:-}"
  mapfile -t daemons < <(site_daemons "$@")
  case $command in
    stop)   stop_users_first "${daemons[@]}"; [ -n "${2:-}" ] || signal_host "$1" KILL;;
    kill)   kill_hard "${daemons[@]}"; [ -n "${2:-}" ] || signal_host "$1" KILL;;
    freeze) signal_all STOP "${daemons[@]}"; [ -n "${2:-}" ] || signal_host "$1" STOP;;
    thaw)   signal_all CONT "${daemons[@]}"; [ -n "${2:-}" ] || signal_host "$1" CONT;;
    start)  cmd_start "$@";;
  esac
}

case $cmd in
  up|purge|upgrade) shift; "cmd_$cmd" "$@";;
  down|status)  "cmd_$cmd";;
  env)          write_env;;
  hide)         set_public false;;
  expose)       set_public true;;
  beside)       shift; cmd_beside "$@";;
  stop|kill|freeze|thaw|start) with_site "$@";;
  guest|host|outside) shift; "cmd_$cmd" "$@";;
  help|-h|--help) sed -n '2,/^set -euo/{/^set/d;s/^# \{0,1\}//;p}' "$0";;
  *) die "unknown command '$cmd' (try: help)";;
esac
