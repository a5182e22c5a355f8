# shellcheck shell=bash
# What does the work of a site's Neutron, and how it is configured: made up by the `testbed` mechanism driver, or with
# LAB_WITH=dataplane real, ML2/OVS with its agents (ovs) or ML2/OVN (ovn). The daemons are in host.sh.
# Sourced by lab.sh after settings.sh, never run.

backend_of() { # backend_of K -> testbed | ovs | ovn
  local pair
  with dataplane || { echo testbed; return; }
  for pair in ${LAB_DATAPLANE//,/ }; do
    if [ "${pair%%=*}" = "site$1" ]; then echo "${pair#*=}"; return; fi
  done
  echo ovs
}
check_dataplane() {
  local pair k
  for pair in ${LAB_DATAPLANE//,/ }; do
    [[ $pair =~ ^site[1-9]=(ovs|ovn)$ ]] || die "LAB_DATAPLANE: siteK=ovs or siteK=ovn, not '$pair'"
  done
  with dataplane || return 0
  for pair in ovs-vswitchd ovn-northd ovn-controller neutron-openvswitch-agent busybox radvd ethtool; do
    command -v "$pair" >/dev/null || die "$pair is missing: run install.sh dataplane"
  done
  [ "$LAB_COMPUTES" = 1 ] || die "a site with a data plane has one host: LAB_COMPUTES=1"
  # LP#1990229: before 2023.1 neutron looks for a chassis' bridges where OVN 22.09 and later no longer tells them.
  for k in $(all_sites); do
    [ "$(backend_of "$k")" != ovn ] || [ "$(release_of "$k")" != zed ] || die "site $k: ML2/OVN needs a release newer than Zed"
  done
}

# What the databases hold was made for one back end.
backend_key() { # backend_key K : nothing for the made-up one
  local backend; backend=$(backend_of "$1")
  [ "$backend" = testbed ] || echo "site$1 $backend"
}

# ---- the server's side ---------------------------------------------------------

network_plugins() { # network_plugins K
  case $(backend_of "$1") in
    # no VPN, metering or firewall agent runs beside OVN
    ovn) echo ovn-router,qos,trunk,port_forwarding,segments,network_segment_range,bgpvpn;;
    *)   echo "router,qos,trunk,port_forwarding,segments,metering,network_segment_range,bgpvpn,vpnaas$MORE_NETWORK_PLUGINS";;
  esac
}

conf_ml2() { # conf_ml2 K : from within [DEFAULT]
  local k=$1 tunnels=vxlan driver mtu=1500 vnis
  vnis=$((k * 10000 + 1)):$((k * 10000 + 4000))
  case $(backend_of "$k") in
    testbed) driver=testbed mtu=9000;;
    ovs)     driver=openvswitch;;
    ovn)     driver=ovn tunnels=geneve;;
  esac
  cat <<C
global_physnet_mtu = $mtu
[ml2]
type_drivers = local,flat,vlan,$tunnels
tenant_network_types = $tunnels
mechanism_drivers = $driver
extension_drivers = port_security,qos,dns_domain_ports
path_mtu = $mtu
[ml2_type_flat]
flat_networks = *
[ml2_type_vlan]
network_vlan_ranges = physnet1:100:199
[ml2_type_$tunnels]
vni_ranges = $vnis
C
  [ "$driver" != ovn ] || conf_ovn "$k"
}
# OVN's metadata port is there as in most clouds, though no agent answers behind it: without it a subnet that has no gateway
# has no DHCP either (_get_ovn_dhcpv4_opts in neutron's ovn_client.py).
conf_ovn() { # conf_ovn K : from within [ml2_type_geneve]
  cat <<C
max_header_size = 38
[ovn]
ovn_nb_connection = unix:$T/site$1/host/run/ovnnb_db.sock
ovn_sb_connection = unix:$T/site$1/host/run/ovnsb_db.sock
ovn_metadata_enabled = true
C
}

# ---- the agents of ML2/OVS -------------------------------------------------------

conf_agents() { # conf_agents K
  local k=$1 c=$T/site$1 section
  { cat <<C
[DEFAULT]
$(common_default "site$k")
host = $(host_name "$k")
state_path = $c/host/state
interface_driver = openvswitch
enable_isolated_metadata = false
enable_metadata_proxy = false
[agent]
root_helper =
report_interval = 10
tunnel_types = vxlan
[ovs]
datapath_type = netdev
bridge_mappings = $(bridge_mappings "$k")
ovsdb_connection = unix:$c/host/run/db.sock
local_ip = $(tunnel_address "$k")
[securitygroup]
firewall_driver = openvswitch
[oslo_concurrency]
lock_path = $c/host/state/locks
[oslo_messaging_rabbit]
rabbit_retry_interval = 1
kombu_reconnect_delay = 0.5
C
    for section in '' _dhcp_release _ovs_vsctl _namespace _conntrack _link; do
      printf '[privsep%s]\nhelper_command = %s --config-file %s\n' "$section" "$BIN/privsep-helper" "$c/agents.conf"
    done; } >"$c/agents.conf"
  printf '[agent]\nextensions = port_forwarding\n' >"$c/l3-agent.conf"
}
