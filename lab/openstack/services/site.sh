# shellcheck shell=bash
# The daemons of one site, and what a client needs to reach it.
# Sourced by lab.sh, never run.

make_site_dbs() { # make_site_dbs K
  local db
  for db in placement glance cinder neutron nova nova_cell0 nova_api; do make_db "c${1}_$db" "$db" "$(release_of "$1")"; done
}

site_services() { # site_services K -> names, in starting order
  local m
  use_release "$(release_of "$1")"
  [ "$LAB_KEYSTONE" != federated ] || echo keystone
  host_services "$1"
  printf '%s\n' nova-conductor placement neutron-server nova-api glance-api cinder-api \
    nova-scheduler cinder-scheduler cinder-volume
  neutron_services "$1"
  for ((m = 1; m <= LAB_COMPUTES; m++)); do echo "nova-compute$m"; done
  ! with backup || echo cinder-backup
  ! with consoles || echo nova-novncproxy
  agent_services "$1"
}
neutron_services() { # neutron_services K -> what runs beside neutron-server, of a release that is in use
  if [ "$(backend_of "$1")" = ovn ]; then
    # nobody calls it over the message queue
    printf '%s\n' "${MORE_SERVICES[@]}" neutron-ovn-maintenance-worker | grep -vx neutron-rpc-server
  elif [ ${#MORE_SERVICES[@]} -gt 0 ]; then
    printf '%s\n' "${MORE_SERVICES[@]}"
  fi
}

start_service() { # start_service K NAME
  local k=$1 s=$2 c=$T/site$1 n=site$1.$2 log=$T/site$1/log/$2.log
  use_release "$(release_of "$k")"
  case $s in
    keystone)       start_keystone "$k";;
    placement|nova-api|neutron-server|glance-api|cinder-api) start_api "$k" "$s";;
    nova-compute*)  start "$n" "$log" "$PYTHON" -m testbed_openstack.nova_compute --config-file "$c/$s.conf";;
    nova-novncproxy) start "$n" "$log" "$BIN/nova-novncproxy" --config-file "$c/nova.conf" --web /usr/share/novnc \
                      --vnc-novncproxy_host "$IP" --vnc-novncproxy_port "$(port "$k" novnc)";;
    host|relay|ovs*|ovn-*|plugger|neutron-*-agent) start_host_service "$k" "$s";;
    nova-*|cinder-*|neutron-*) start_program "$k" "$s";;
    *)              die "unknown service '$s' (know: $(site_services "$k" | xargs))";;
  esac
}
start_program() { # start_program K NAME : nova-scheduler has nova.conf
  start "site$1.$2" "$T/site$1/log/$2.log" "$BIN/$2" --config-file "$T/site$1/${2%%-*}.conf"
}
start_wsgi() { # start_wsgi K NAME PORT_OF THREADS COMMAND...
  local k=$1 s=$2 address threads=$4
  address=$IP:$(port "$k" "$3"); shift 4
  start "site$k.$s" "$T/site$k/log/$s.log" "$@" --http-socket "$address" --processes 1 --threads "$threads"
}

start_site() { # start_site K
  local s
  for s in $(site_services "$1"); do start_service "$1" "$s"; done
}

wait_site() { # wait_site K : until every API answers and the hypervisors can be scheduled to
  local k=$1 i
  wait_http "$(url "$k" placement)/" 120 "site$k.placement"
  wait_http "$(url "$k" image)/healthcheck" 120 "site$k.glance-api"
  wait_http "$(url "$k" volume)/" 120 "site$k.cinder-api"
  wait_http "$(url "$k" compute)/" 120 "site$k.nova-api"
  wait_http "$(url "$k" network)/" 180 "site$k.neutron-server"
  ! with consoles || wait_http "$(url "$k" novnc)/vnc_auto.html" 60 "site$k.nova-novncproxy"
  for ((i = 0; i < 240; i++)); do
    [ "$(site_is_ready "$k")" != 1 ] || return 0
    sleep 0.5
  done
  die "site $k: APIs answer, but its nova-compute, cinder-volume or neutron agents never came up; see $T/site$k/log"
}
site_is_ready() { # site_is_ready K -> 1 when workers have reported themselves lately
  sql -N -e "SELECT
    (SELECT COUNT(*) FROM c$1_nova_api.host_mappings) >= $LAB_COMPUTES AND
    (SELECT COUNT(DISTINCT resource_provider_id) FROM c$1_placement.inventories) >= $LAB_COMPUTES AND
    (SELECT COUNT(*) FROM c$1_nova.services WHERE \`binary\`='nova-compute' AND last_seen_up > UTC_TIMESTAMP() - INTERVAL 30 SECOND) >= $LAB_COMPUTES AND
    (SELECT COUNT(*) FROM c$1_cinder.services WHERE \`binary\`='cinder-volume' AND updated_at > UTC_TIMESTAMP() - INTERVAL 30 SECOND) >= 1 AND
    $(network_is_ready "$1")" 2>/dev/null || echo 0
}
network_is_ready() { # network_is_ready K -> a condition
  case $(backend_of "$1") in
    testbed) echo "(SELECT COUNT(*) FROM c$1_neutron.agents) >= 3";;
    ovs)     echo "(SELECT COUNT(*) FROM c$1_neutron.agents WHERE heartbeat_timestamp > UTC_TIMESTAMP() - INTERVAL 30 SECOND) >= 3";;
    ovn)     on_host "$1" ovn-sbctl --bare --columns=_uuid find Chassis hostname="$(host_name "$1")" | grep -c .;;
  esac
}

site_daemons() { # site_daemons K [SERVICE] -> daemon names
  if [ -n "${2:-}" ]; then echo "site$1.$2"; else names "site$1."; fi
}

# 198.18.0.0/15 is for tests of networks (RFC 2544).
make_external_network() { # make_external_network K
  jq -n --arg a "$(auth_url "$1")" --arg p "$PW" --arg u "$(url "$1" network)" --arg n "external-site$1" --arg c "198.18.$1.0/24" \
    '{auth_url: $a, password: $p, network: $u, name: $n, cidr: $c}' | /usr/bin/python3 "$HERE/services/external_network.py" ||
    die "site $1 has no external network"
}

# ---- what a client needs -----------------------------------------------------------

write_openrc() { # write_openrc K
  cat >"$T/openrc-site$1" <<C
# administrator of site $1: . this file, then use the openstack client
unset \${!OS_@}
export OS_IDENTITY_API_VERSION=3 OS_AUTH_URL=$(auth_url "$1")
export OS_USERNAME=admin OS_PASSWORD=$PW OS_PROJECT_NAME=admin
export OS_USER_DOMAIN_ID=default OS_PROJECT_DOMAIN_ID=default
export OS_REGION_NAME=$(region "$1") OS_INTERFACE=internal
export OS_COMPUTE_API_VERSION=2.92 OS_VOLUME_API_VERSION=3.70 OS_PLACEMENT_API_VERSION=1.39
C
}

site_json() { # site_json K
  jq -n --arg name "site$1" --arg region "$(region "$1")" --arg a "$(auth_url "$1")" --arg p "$PW" \
    --arg openrc "$T/openrc-site$1" --argjson e "$(endpoints_json "$1")" --argjson n "$1" \
    '{id: $n, name: $name, region: $region, openrc: $openrc,
      auth: {auth_url: $a, username: "admin", password: $p, project_name: "admin",
             user_domain_id: "default", project_domain_id: "default"},
      endpoints: $e}'
}

write_env() {
  local k
  for k in $(all_sites); do write_openrc "$k"; done
  for k in $(all_sites); do site_json "$k"; done |
    jq -s --arg mode "$LAB_KEYSTONE" --arg dir "$T" \
      --arg db "$IP:$(port 0 mariadb)" --arg mq "$IP:$(port 0 rabbit)" --arg p "$PW" \
      '{keystone_mode: $mode, dir: $dir, service_password: $p,
        infrastructure: {mariadb: $db, rabbitmq: $mq}, sites: .}' >"$T/lab.json"
  echo "$T/lab.json"
  for k in $(all_sites); do echo "$T/openrc-site$k"; done
}
