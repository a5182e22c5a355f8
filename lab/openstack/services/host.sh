# shellcheck shell=bash
# The network host of a site that has a real data plane (LAB_WITH=dataplane): a switch (Open vSwitch in user space), what
# Neutron runs there, and the guests; and the outside, which the sites meet in.
# Sourced by lab.sh after daemons.sh, never run.
#
# A host is a network and a mount namespace, held by a process that sleeps. They have no name, so no other lab can meet
# them, and the kernel takes them away with the last process in them, devices and all. Namespaces that agents and guests
# have are named in the host's own /run/netns.

host_dir()       { echo "$T/site$1/host"; }
host_name()      { echo "site$1-compute1"; } # what nova-compute binds ports to
tunnel_address() { echo "172.31.$1.1"; }
# physnet1 is the trunk between the sites, the other one the way out.
bridge_mappings() { echo "physnet1:br-phys,external-site$1:br-ex"; }

# ---- namespaces ------------------------------------------------------------------

# A host is not there before it says so: until then its process is in the lab's own namespaces.
start_namespaces() { # start_namespaces NAME
  local i ready=$RUN/$1.ready
  rm -f "$ready"
  # shellcheck disable=SC2016
  start "$1" "$T/log/$1.log" env CASCADE_LAB_HOST="$1" unshare --mount --net sh -ec '
    mkdir -p /run/netns; mount -t tmpfs -o mode=755 netns /run/netns
    mount -t sysfs sysfs /sys
    ip link set lo up
    : >"$0"; exec sleep infinity' "$ready"
  for ((i = 0; i < 300; i++)); do
    [ ! -e "$ready" ] || return 0
    running "$1" || break
    sleep 0.1
  done
  die "$1 did not start; see $T/log/$1.log"
}
# Commands are entered with these words before them; what stays behind is found again by its marks.
ENTER=()
enter() { # enter NAME : sets ENTER
  local pid; pid=$(pid_of "$1") || die "$1 does not run"
  ENTER=(nsenter --target "$pid" --mount --net env CASCADE_LAB="$T" CASCADE_LAB_HOST="$1")
}
# Open vSwitch's and OVN's own programs find the host's daemons through these variables alone.
enter_host() { # enter_host K : sets ENTER
  local d; d=$(host_dir "$1")
  enter "site$1.host"
  ENTER+=({OVS,OVN}_RUNDIR="$d/run" {OVS,OVN}_LOGDIR="$T/site$1/log" {OVS,OVN}_DBDIR="$d/db" {OVS,OVN}_SYSCONFDIR="$d/etc"
    OVN_NB_DB="unix:$d/run/ovnnb_db.sock" OVN_SB_DB="unix:$d/run/ovnsb_db.sock")
}
inside()  { enter "$1"; "${ENTER[@]}" "${@:2}"; }
on_host() { enter_host "$1"; "${ENTER[@]}" "${@:2}"; }

# Everything that runs on a host, daemons or not: dnsmasq, radvd, the guests' DHCP clients.
host_processes() { # host_processes K
  local p
  for p in $(strays); do
    ! grep -zqxF "CASCADE_LAB_HOST=site$1.host" "/proc/$p/environ" 2>/dev/null || echo "$p"
  done
}
signal_host() { # signal_host K SIGNAL
  local pid
  for pid in $(host_processes "$1"); do kill "-$2" "$pid" 2>/dev/null || true; done
}

# What uses a switch goes before it, or would wait for its answer.
stop_users_first() { # stop_users_first NAME...
  local n users=() switches=()
  for n in "$@"; do
    case $n in
      outside|*.host|*.ovs*|*.ovn-*) switches+=("$n");;
      *) users+=("$n");;
    esac
  done
  stop "${users[@]}"; stop "${switches[@]}"
}

# ---- the outside -----------------------------------------------------------------

# The switch between the sites passes VLAN tags on as they are. Site K's external network is 198.18.K.0/24, its gateway
# here, where one goes on to the other sites'.
start_outside() {
  ! running outside || return 0
  start_namespaces outside
  inside outside sh -ec '
    ip link add trunk type bridge mcast_snooping 0
    ip link set trunk up
    echo 1 >/proc/sys/net/ipv4/ip_forward'
}

cable() { # cable K DEVICE PEER : from the host of site K to the outside, where the end is called PEER
  ip link add "$2" netns "$(pid_of "site$1.host")" type veth peer name "$3" netns "$(pid_of outside)"
  inside "site$1.host" ip link set "$2" up
  inside outside ip link set "$3" up
}

# ---- one host --------------------------------------------------------------------

# Starts as after a loss of power: nothing of before is there but the databases of OVN, which are Neutron's.
start_host() { # start_host K
  local k=$1 d; d=$(host_dir "$k")
  ! running "site$k.host" || return 0
  signal_host "$k" KILL
  rm -rf "$d"/{run,db,etc,state,guests}
  mkdir -p "$d"/{run,db,etc,log,state,guests,ovn}
  start_namespaces "site$k.host"
  inside "site$k.host" ip address add "$(tunnel_address "$k")/32" dev lo
  cable "$k" trunk "trunk$k"
  inside outside ip link set "trunk$k" master trunk
  cable "$k" external "site$k"
  inside outside ip address add "198.18.$k.1/24" dev "site$k"
  # Whoever speaks for itself must finish its checksums: the switch takes frames as they are.
  inside outside ethtool -K "site$k" tx off >/dev/null
}

# ---- what runs on it -------------------------------------------------------------

host_services() { # host_services K -> names, in starting order; neutron-server needs the first ones of OVN
  case $(backend_of "$1") in
    ovs) printf '%s\n' host relay ovsdb-server ovs-vswitchd;;
    ovn) printf '%s\n' host relay ovsdb-server ovs-vswitchd ovn-nb ovn-sb ovn-northd ovn-controller;;
  esac
}
agent_services() { # agent_services K -> names; they need neutron-server
  case $(backend_of "$1") in
    ovs) printf '%s\n' neutron-openvswitch-agent neutron-dhcp-agent neutron-l3-agent plugger;;
    ovn) printf '%s\n' plugger;;
  esac
}

start_on_host() { # start_on_host K SERVICE COMMAND...
  local k=$1 s=$2; shift 2
  enter_host "$k"
  start "site$k.$s" "$T/site$k/log/$s.log" "${ENTER[@]}" "$@"
}
vsctl() { local k=$1; shift; on_host "$k" ovs-vsctl --timeout=20 "$@"; }

start_ovsdb() { # start_ovsdb K SERVICE DATABASE SOCKET SCHEMA
  local k=$1 s=$2 database=$3 i socket; socket=$(host_dir "$k")/run/$4
  [ -f "$database" ] || ovsdb-tool create "$database" "$5"
  start_on_host "$k" "$s" ovsdb-server --pidfile="$socket.pid" --unixctl="$socket.ctl" -vconsole:warn -vsyslog:off \
    --remote=punix:"$socket" "$database"
  for ((i = 0; i < 300; i++)); do
    [ ! -S "$socket" ] || return 0
    sleep 0.1
  done
  die "site $k: $s did not start; see $T/site$k/log/$s.log"
}
start_switch() { # start_switch K
  local k=$1 bridge
  # never look for the kernel's own switch
  start_on_host "$k" ovs-vswitchd ovs-vswitchd --pidfile -vconsole:warn -vsyslog:off --disable-system \
    unix:"$(host_dir "$k")/run/db.sock"
  for bridge in br-phys=trunk br-ex=external; do
    vsctl "$k" --may-exist add-br "${bridge%=*}" -- set Bridge "${bridge%=*}" datapath_type=netdev \
      -- --may-exist add-port "${bridge%=*}" "${bridge#*=}"
  done
}
start_ovn_controller() { # start_ovn_controller K
  local k=$1 run; run=$(host_dir "$k")/run
  vsctl "$k" set Open_vSwitch . external_ids:ovn-remote="unix:$run/ovnsb_db.sock" \
    external_ids:ovn-encap-type=geneve external_ids:ovn-encap-ip="$(tunnel_address "$k")" \
    external_ids:ovn-bridge-datapath-type=netdev external_ids:ovn-bridge-mappings="$(bridge_mappings "$k")" \
    external_ids:ovn-cms-options=enable-chassis-as-gw
  start_on_host "$k" ovn-controller ovn-controller --pidfile -vconsole:warn -vsyslog:off "unix:$run/db.sock"
}

start_host_service() { # start_host_service K NAME : 1 when there is none of that name
  local k=$1 s=$2 c=$T/site$1 d; d=$(host_dir "$1")
  case $s in
    host)         start_host "$k";;
    # A host's 127.0.0.1 is its own. Its clients of the lab's services find them there all the same.
    relay)        start "site$k.relay" "$c/log/relay.log" env CASCADE_LAB_HOST="site$k.host" /usr/bin/python3 -m testbed_openstack.relay \
                    "$(pid_of "site$k.host")" "$(port 0 rabbit)" "$(port "$(keystone_of "$k")" identity)" "$(port "$k" network)";;
    ovsdb-server) start_ovsdb "$k" "$s" "$d/db/conf.db" db.sock /usr/share/openvswitch/vswitch.ovsschema
                  vsctl "$k" --no-wait init -- set Open_vSwitch . external_ids:system-id="$(host_name "$k")" \
                    external_ids:hostname="$(host_name "$k")";;
    ovs-vswitchd) start_switch "$k";;
    ovn-nb)       start_ovsdb "$k" "$s" "$d/ovn/nb.db" ovnnb_db.sock /usr/share/ovn/ovn-nb.ovsschema
                  on_host "$k" ovn-nbctl init;;
    ovn-sb)       start_ovsdb "$k" "$s" "$d/ovn/sb.db" ovnsb_db.sock /usr/share/ovn/ovn-sb.ovsschema
                  on_host "$k" ovn-sbctl init;;
    ovn-northd)   start_on_host "$k" "$s" ovn-northd --pidfile -vconsole:warn -vsyslog:off \
                    --ovnnb-db="unix:$d/run/ovnnb_db.sock" --ovnsb-db="unix:$d/run/ovnsb_db.sock";;
    ovn-controller) start_ovn_controller "$k";;
    neutron-l3-agent) start_on_host "$k" "$s" "$BIN/$s" --config-file "$c/agents.conf" --config-file "$c/l3-agent.conf";;
    neutron-*-agent)  start_on_host "$k" "$s" "$BIN/$s" --config-file "$c/agents.conf";;
    plugger)      start_on_host "$k" "$s" env PLUGGER_PASSWORD="$PW" /usr/bin/python3 -m testbed_openstack.plugger \
                    "$(auth_url "$k")" "$(url "$k" network)" "$(host_name "$k")" "$d/guests" "$HERE/dataplane/lease.sh";;
    *)            return 1;;
  esac
}

# ---- guests ----------------------------------------------------------------------

# Told by the plugger: a file for each port, with the namespace of its guest.
guest_namespace() { # guest_namespace K SERVER_OR_PORT_ID : 1 when there is none
  local d; d=$(host_dir "$1")/guests
  if [ -f "$d/$2.json" ]; then
    jq -r .namespace "$d/$2.json"
  else
    jq -s -re --arg id "$2" 'map(select(.device_id == $id))[0].namespace // empty' "$d"/*.json 2>/dev/null
  fi
}

# ---- commands --------------------------------------------------------------------

cmd_outside() { enter outside; exec "${ENTER[@]}" "$@"; }
cmd_host() { # cmd_host K COMMAND...
  is_site "${1:-}"
  enter_host "$1"; exec "${ENTER[@]}" "${@:2}"
}
cmd_guest() { # cmd_guest K SERVER_OR_PORT_ID COMMAND...
  local namespace
  is_site "${1:-}"
  namespace=$(guest_namespace "$1" "${2:-}") || die "site $1 has no guest of '${2:-}'"
  enter_host "$1"; exec "${ENTER[@]}" ip netns exec "$namespace" "${@:3}"
}
