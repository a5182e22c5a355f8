# shellcheck shell=bash
# A cascade over two sites of the lab, started for one test run and stopped after it;
# and the checks that a run counts.  Sourced by run-tests.sh and run-tempest.sh.
#
#   CASCADE_TEST_PORT=8700   where the cascade listens
#   LAB_RELEASES=site2=2026.2    sites that are not Zed; empty for none.  A lab that runs stays what it is
#   LAB_CLIENTS=2026.2       the openstack client and Tempest of that release in place of Zed's
#   CASCADE_COUNTS=FILE      where `finish` leaves "PASSED FAILED" for the caller

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
LISTEN=127.0.0.1:${CASCADE_TEST_PORT:-8700}
CASCADE=http://$LISTEN
LAB=${LAB_DIR:-/var/tmp/cascade-lab}
export LAB_RELEASES=${LAB_RELEASES-site2=2026.2}
[ -z "${LAB_CLIENTS:-}" ] || CLIENTS_BIN=$(. "$HERE/services/settings.sh"; . "$HERE/services/release.sh"; venv_of "clients-$LAB_CLIENTS")/bin
export CLIENTS_BIN=${CLIENTS_BIN:-/usr/bin}
WORK=$(mktemp -d /tmp/cascade-test.XXXXXX)
chmod 755 "$WORK"  # the embedded PostgreSQL is another user's
OPENRC=$WORK/openrc
keep='' lab_is_ours='' beside='' cascade_pid='' passed=0 failed=0

# ==== counted checks ================================================================

check() { # check NAME COMMAND... : prints one line, counts it, passes the verdict on
  local name=$1; shift
  if "$@" >"$WORK/check.out" 2>&1; then
    passed=$((passed + 1)); echo "ok  $name"
  else
    failed=$((failed + 1)); echo "FAIL $name: $(tail -n 15 "$WORK/check.out")"; return 1
  fi
}
count_lines() { # count_lines FILE : the ok and FAIL lines that a script printed
  passed=$((passed + $(grep -c '^ok  ' "$1"))); failed=$((failed + $(grep -c '^FAIL ' "$1")))
}
finish() { # finish : the counts for the caller, and for people
  [ -z "${CASCADE_COUNTS:-}" ] || echo "$passed $failed" >"$CASCADE_COUNTS"
  echo "real clouds: $passed passed, $failed failed"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# ==== the lab =======================================================================

lab_up() {
  local releases
  if "$HERE/lab.sh" status >/dev/null; then
    # shellcheck source=/dev/null
    LAB_RELEASES=$(unset LAB_RELEASES; . "$LAB/settings"; echo "$LAB_RELEASES")
  else
    lab_is_ours=1
  fi
  mapfile -t releases < <(tr ',' '\n' <<<"$LAB_RELEASES" | sed -n 's/.*=//p')
  "$HERE/install.sh" base tempest consoles "${releases[@]}" ${LAB_CLIENTS:+"clients-$LAB_CLIENTS"} || return 1
  LAB_WITH=backup,consoles,external "$HERE/lab.sh" up 2 || return 1
  "$HERE/lab.sh" hide
}

# ==== the cascade ===================================================================

answers() { [ "$(curl -s -o /dev/null -m 5 -w '%{http_code}' "$CASCADE/identity/v3")" = 200 ]; }

start_cascade() {
  local i
  ! answers || { echo "something answers at $CASCADE already"; return 1; }
  mkdir -p "$WORK/data"
  # A process group of its own, so that the cascade's children go with it.
  # Tempest has an image fetched from the cascade itself, the one URL that surely answers here.
  CASCADE_DATA_DIR=$WORK/data CASCADE_LISTEN=$LISTEN CASCADE_IMPORT_HOSTS=$LISTEN CASCADE_KEYSTONE_URL=$(jq -r '.sites[0].auth.auth_url | rtrimstr("/v3")' "$LAB/lab.json") \
    setsid npx tsx src/main.ts serve >"$WORK/cascade.log" 2>&1 </dev/null &
  cascade_pid=$!
  for ((i = 0; i < 240; i++)); do
    ! answers || return 0
    kill -0 "$cascade_pid" 2>/dev/null || break
    sleep 0.5
  done
  tail -n 15 "$WORK/cascade.log"; return 1
}

stop_cascade() {
  local i
  [ -n "$cascade_pid" ] || return 0
  kill -TERM -- "-$cascade_pid" 2>/dev/null
  for ((i = 0; i < 60; i++)); do
    kill -0 -- "-$cascade_pid" 2>/dev/null || break
    sleep 0.25
  done
  kill -KILL -- "-$cascade_pid" 2>/dev/null
  cascade_pid=''
}

write_openrc() {
  cat >"$OPENRC" <<C
# administrator of the cascade: . this file, then use the openstack client
unset \${!OS_@}
export OS_IDENTITY_API_VERSION=3 OS_AUTH_URL=$CASCADE/identity/v3 OS_REGION_NAME=RegionOne
export OS_USERNAME=admin OS_PASSWORD=secret OS_PROJECT_NAME=admin
export OS_USER_DOMAIN_ID=default OS_PROJECT_DOMAIN_ID=default
C
}

site_of_lab() { jq -r ".sites[] | select(.name == \"$1\") | $2" "$LAB/lab.json"; }
add_site() ( # add_site NAME : in a subshell, for the openrc's sake
  # shellcheck source=/dev/null
  . "$OPENRC"
  CASCADE_URL=$CASCADE npx tsx src/main.ts site add "$1" --auth-url "$(site_of_lab "$1" .auth.auth_url)" \
    --region "$(site_of_lab "$1" .region)" --username admin --password "$(site_of_lab "$1" .auth.password)" \
    --project-name admin --interface internal
)

# Everything up to a cascade that is ready to be asked.
cascade_over_two_sites() {
  cd "$ROOT" || return 1
  check 'the lab is up, its public endpoints hidden' lab_up &&
    check 'the cascade starts' start_cascade || return 1
  write_openrc
  check 'site1 is added' add_site site1
  check 'site2 is added' add_site site2
}

tidy() { # on exit: nothing stays behind but what was there before, unless --keep
  if [ -n "$keep" ]; then
    echo "kept: the lab, and the cascade at $CASCADE (. $OPENRC; its log is $WORK/cascade.log)"
    return
  fi
  stop_cascade
  [ -z "$beside" ] || "$HERE/lab.sh" beside off
  if [ "$failed" -gt 0 ] && [ -f "$WORK/cascade.log" ]; then
    echo '---- the last lines of the cascade:'; tail -n 40 "$WORK/cascade.log"
  fi
  [ -z "$lab_is_ours" ] || "$HERE/lab.sh" purge --keep-cache
  rm -rf "$WORK"
}

# ==== the openstack client ==========================================================

walk() {
  "$HERE/walk.sh" "$OPENRC" "site1=$LAB/openrc-site1" "site2=$LAB/openrc-site2" | tee "$WORK/walk.txt"
  count_lines "$WORK/walk.txt"
}

volume_life() {
  "$HERE/volume-life.sh" "$OPENRC" site1 site2 | tee "$WORK/volume-life.txt"
  count_lines "$WORK/volume-life.txt"
}

# ==== Heat and Horizon beside the cascade ===========================================

beside() { # beside heat|horizon
  "$HERE/install.sh" beside || return 1
  beside=1
  "$HERE/lab.sh" beside "$1" "$CASCADE/identity/v3"
}
# Heat of Zed takes the newest microversion that it is offered, and fails on Nova's 2.101: an operator who runs it over
# newer clouds sets a limit.
with_microversions_of_zed() {
  stop_cascade
  CASCADE_MAX_MICROVERSIONS=compute=2.93,volume=3.70 start_cascade
}
heat_walk() { # heat_walk [--short]
  check 'the cascade offers the microversions of Zed' with_microversions_of_zed || return 1
  check 'Heat starts beside the cascade' beside heat || return 1
  "$HERE/heat.sh" "$@" "$OPENRC" site1 site2 | tee "$WORK/heat.txt"
  count_lines "$WORK/heat.txt"
}
horizon_walk() { # horizon_walk [--short]
  check 'Horizon starts beside the cascade' beside horizon || return 1
  local url; url=$(tail -n 1 "$WORK/check.out")
  /usr/bin/python3 "$HERE/horizon/walk.py" "$@" "$url" "$LAB/beside/horizon/log/horizon.log" "$CASCADE/identity/v3" \
    site1 site2 | tee "$WORK/horizon.txt"
  count_lines "$WORK/horizon.txt"
}

# ==== Tempest =======================================================================

# A site of the lab has one hypervisor, so nothing can migrate within a zone; and nova
# still serves what Tempest calls the XenAPI interfaces (server metadata).
TEMPEST_SETTINGS=(
  --set compute.min_compute_nodes=1
  --set compute-feature-enabled.cold_migration=false
  --set compute-feature-enabled.live_migration=false
  --set compute-feature-enabled.block_migration_for_live_migration=false
  --set compute-feature-enabled.xenapi_apis=true)

remove_tempest_resources() ( # remove_tempest_resources PREFIX : what tempest-conf.sh made
  # shellcheck source=/dev/null
  . "$OPENRC"
  openstack image delete "$1-image-1" "$1-image-2"
  openstack flavor delete "$1-flavor-1" "$1-flavor-2"
  openstack network delete "$1-public"
)

# A listed test that is skipped counts as failed: each passes against one real cloud, so
# a skip means that the cascade does not show something which its sites can do.
tempest() { # tempest LIST_FILE [ZONE] : ZONE has the external network
  local dir=$WORK/tempest prefix=tempest-$$ name
  check 'tempest is configured' "$HERE/tempest-conf.sh" --out "$dir" --openrc "$OPENRC" --interface public \
    --prefix "$prefix" --zone "${2:-site1}" "${TEMPEST_SETTINGS[@]}" || return 1
  "$HERE/tempest-run.sh" "$dir" -c "${TEMPEST_CONCURRENCY:-2}" -l "$1"
  once_more "$dir" "$1"
  while read -r name; do
    if grep -qxF "$name" "$dir/pass.txt"; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1)); echo "FAIL $name$(why_not "$dir" "$name")"
    fi
  done <"$1"
  remove_tempest_resources "$prefix" >/dev/null 2>&1
}
# Two tests at once meet races of the services themselves (Keystone forgets a role assignment while another is made).
# What a few tests failed in is tried once more, one by one, and said; what the cascade does wrong fails again.
once_more() { # once_more DIR LIST_FILE
  grep -vxFf "$1/pass.txt" "$2" >"$1/again.txt" || return 0
  [ "$(wc -l <"$1/again.txt")" -le 3 ] || return 0
  sed 's/^/once more: /' "$1/again.txt"
  cp "$1/pass.txt" "$1/pass-first.txt"
  "$HERE/tempest-run.sh" "$1" -c 1 -l "$1/again.txt"
  cat "$1/pass-first.txt" >>"$1/pass.txt"
}
why_not() { # why_not DIR TEST
  if grep -qxF "$2" "$1/fail.txt"; then echo ': failed'
  elif grep -qxF "$2" "$1/skip.txt"; then echo ': skipped'
  elif grep -qF "(${2%.*})" "$1/fail.txt"; then echo ': its class could not be set up'
  else echo ': did not run'; fi
}
