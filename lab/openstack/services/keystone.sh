# shellcheck shell=bash
# Keystone, shared or one per site, and what it is to know.
# Sourced by lab.sh, never run.

# lazy-apps: load the application after the fork, never share its sockets.
UWSGI=(uwsgi-core --plugin python3 --master --lazy-apps --enable-threads --die-on-term
  --buffer-size 65535 --listen 512 --add-header 'Connection: close' --paste-logger --need-app --no-orphans)

keystone_daemon() { if [ "$1" = 0 ]; then echo keystone; else echo "site$1.keystone"; fi; }

bootstrap_keystone() { # bootstrap_keystone SITE(0 = shared)
  local d=$T/keystone$1 u me group
  u=$(url "$1" identity)/v3 me=$(id -un) group=$(id -gn)
  [ ! -f "$d/bootstrapped" ] || return 0
  { keystone-manage --config-file "$d/keystone.conf" fernet_setup --keystone-user "$me" --keystone-group "$group" &&
    keystone-manage --config-file "$d/keystone.conf" credential_setup --keystone-user "$me" --keystone-group "$group" &&
    keystone-manage --config-file "$d/keystone.conf" bootstrap --bootstrap-password "$PW" \
      --bootstrap-region-id RegionOne --bootstrap-admin-url "$u" \
      --bootstrap-internal-url "$u" --bootstrap-public-url "$u"
  } >"$d/setup.log" 2>&1 || die "keystone bootstrap failed; see $d/setup.log"
  touch "$d/bootstrapped"
}

start_keystone() { # start_keystone SITE(0 = shared)
  local k=$1 d=$T/keystone$1
  conf_keystone "$k"
  make_db "c${k}_keystone" keystone zed
  bootstrap_keystone "$k"
  start "$(keystone_daemon "$k")" "$d/log" env OS_KEYSTONE_CONFIG_DIR="$d" \
    "${UWSGI[@]}" --http-socket "$IP:$(port "$k" identity)" --processes 2 --threads 4 \
    --wsgi-file /usr/bin/keystone-wsgi-public
}

# Roles, service users, and each site's services in its region.
setup_keystone() { # setup_keystone SITE(0 = shared) SITES...
  local k=$1 s regions; shift
  wait_http "$(url "$k" identity)/v3" 90 "$(keystone_daemon "$k")"
  regions=$(for s in "$@"; do
    jq -n --arg r "$(region "$s")" --argjson e "$(endpoints_json "$s")" '{($r): $e}'
  done | jq -s add)
  jq -n --arg a "$(url "$k" identity)/v3" --arg p "$PW" --argjson r "$regions" \
    '{auth_url: $a, password: $p, regions: $r}' | /usr/bin/python3 "$HERE/services/keystone_setup.py"
}

endpoints_json() { # endpoints_json K -> {"compute": URL, ...}
  local k=$1
  { echo "identity $(auth_url "$k")"
    echo "compute $(url "$k" compute)/v2.1"
    echo "placement $(url "$k" placement)"
    echo "network $(url "$k" network)"
    echo "image $(url "$k" image)"
    echo "volumev3 $(url "$k" volume)/v3/%(project_id)s"
  } | jq -Rn '[inputs | split(" ") | {(.[0]): .[1]}] | add'
}

# Public endpoints off: tenants see only the cascade's region; services and the
# cascade still find the sites through the internal interface.
set_public() { # set_public true|false
  [ "$LAB_KEYSTONE" = shared ] || die "only with one shared Keystone"
  local regions k
  regions=$(for k in $(all_sites); do region "$k"; done | jq -Rn '[inputs]')
  jq -n --arg a "$(auth_url 1)" --arg p "$PW" --argjson on "$1" --argjson r "$regions" \
    '{auth_url: $a, password: $p, enabled: $on, regions: $r}' | /usr/bin/python3 "$HERE/services/keystone_visibility.py"
}
