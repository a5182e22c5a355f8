#!/usr/bin/env bash
# Proves that packets flow as Neutron's API says: servers are made through Nova, and their guests send and receive.
#
#   prove.sh [--between] [K...]    sites of a lab that runs with LAB_WITH=external,dataplane and one shared Keystone (all)
#
# Each site by itself: addresses by DHCP and router advertisement, the same network, a router, the way out (SNAT), a
# floating IP, security groups, and those whose rules name a group, of members or of addresses.  Then every other site
# with the first: guests on one VLAN; --between proves that alone.  Prints `ok  STEP SECONDS` or `FAIL STEP: OUTPUT`, goes
# on, and deletes what it made; the exit code is the number of failures (100 at most).
# shellcheck disable=SC2317  # `step` calls most functions
set -uo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
LAB=${LAB_DIR:-/var/tmp/cascade-lab}
between=''; [ "${1:-}" != --between ] || { between=1; shift; }
[ -f "$LAB/lab.json" ] || { sed -n '2,/^# shellcheck/{/^# shellcheck/d;s/^# \{0,1\}//;p}' "$0"; exit 2; }
if [ $# -gt 0 ]; then SITES=("$@"); else mapfile -t SITES < <(jq '.sites[].id' "$LAB/lab.json"); fi
# shellcheck source=../steps.sh
. "$HERE/steps.sh" "$LAB/openrc-site${SITES[0]}"

tag=dataplane-$$
K='' # the site that is asked
use_site() { K=$1; REGION=$(jq -r ".sites[] | select(.id == $1) | .region" "$LAB/lab.json"); }

# ==== what is made ==================================================================

# By site and name, as in SERVER["1 alice"]: ids and addresses.  By site: what is to be deleted, the newest first.
declare -A SERVER PORT V4 V6 MADE

makes() { # makes KIND ARGUMENTS... NAME : a resource of one word; its id lands in $made
  create "site$K: create $1 ${*: -1}" "$1" create "${@:2}" && MADE[$K]="$1 $made"$'\n'"${MADE[$K]:-}"
}
makes_group() { # makes_group NAME
  create "site$K: create security group $1" security group create "$1" && MADE[$K]+="group $made"$'\n'
}
allows() { # allows GROUP RULE... : the rule's id lands in $made
  create "site$K: $1 lets in ${*:2}" security group rule create --ingress "${@:2}" "$tag-$1"
}
makes_server() { # makes_server NAME NETWORK GROUP
  makes server --flavor "$tag" --image "$tag" --network "$2" --security-group "$3" --wait "$tag-$1" || return 1
  SERVER["$K $1"]=$made
  c port list --server "$made" -f json >"$W/ports"
  PORT["$K $1"]=$(jq -r '.[0].ID' "$W/ports")
  V4["$K $1"]=$(jq -r '[.[0]["Fixed IP Addresses"][].ip_address | select(contains("."))][0] // ""' "$W/ports")
  V6["$K $1"]=$(jq -r '[.[0]["Fixed IP Addresses"][].ip_address | select(contains(":"))][0] // ""' "$W/ports")
}
image_and_flavor() {
  makes flavor --vcpus 1 --ram 64 --disk 1 "$tag"
  head -c 4096 /dev/zero >"$W/image"
  makes image --disk-format raw --container-format bare --file "$W/image" "$tag"
}

removes() { # removes K : everything that was made there
  local kind id failed=0
  use_site "$1"
  while read -r kind id; do
    [ -z "$kind" ] || "removes_$kind" "$id" || failed=1
  done <<<"${MADE[$K]:-}"
  return $failed
}
removes_server()  { c server delete --wait "$1"; }
removes_network() { polling 30 c network delete "$1"; }
removes_subnet()  { :; } # with its network
removes_group()   { polling 30 c security group delete "$1"; }
removes_addresses() { polling 30 c address group delete "$1"; }
removes_flavor()  { c flavor delete "$1"; }
removes_image()   { c image delete "$1"; }
removes_floating() { c floating ip delete "$1"; }
removes_router() {
  local subnet
  c router unset --external-gateway "$1"
  for subnet in "${ROUTED[@]}"; do c router remove subnet "$1" "$subnet"; done
  c router delete "$1"
}

# ==== what guests and the outside see ================================================

guest()   { "$HERE/lab.sh" guest "$K" "${SERVER["$K $1"]}" "${@:2}"; }
outside() { "$HERE/lab.sh" outside "$@"; }
# Rules and ports take a moment on their way to the switch. At the end of it the last word is shown.
soon() { polling 60 "$@" >/dev/null 2>&1 || "$@"; }

has_address() { # has_address NAME ADDRESS
  local seen; seen=$(guest "$1" ip -brief address show dev eth0) || return 1
  grep -qF " $2/" <<<"$seen" || { echo "no $2 in: $seen"; return 1; }
}
pings()         { guest "$1" ping -c 1 -W 2 "$2"; } # pings NAME ADDRESS
never_pings()   { ! pings "$1" "$2"; }
outside_pings() { outside ping -c 1 -W 2 "$1"; }
# As whom one is seen who opens a TCP connection.
is_seen_as()         { prints "$2" guest "$1" curl -gs -m 5 "http://$3:8080/"; } # is_seen_as NAME ADDRESS SERVER
outside_is_seen_as() { prints "$1" outside curl -gs -m 5 "http://$2:8080/"; }    # outside_is_seen_as ADDRESS SERVER
servers=()
serves() { # serves outside|guest ... : whoami.py at port 8080 there, until its namespace or this script ends
  "$HERE/lab.sh" "$@" /usr/bin/python3 "$HERE/dataplane/whoami.py" 8080 >/dev/null 2>&1 </dev/null 8>&- 9>&- &
  servers+=($!)
}
trap 'kill "${servers[@]}" 2>/dev/null; rm -rf "$W"' EXIT

# ==== one site ======================================================================

ROUTED=("$tag-one" "$tag-one-six" "$tag-other") # subnets
networks() {
  local subnet
  makes network "$tag-one"
  makes subnet --network "$tag-one" --subnet-range 10.77.1.0/24 "$tag-one"
  makes subnet --network "$tag-one" --ip-version 6 --ipv6-ra-mode slaac --ipv6-address-mode slaac \
    --subnet-range fd77:1::/64 "$tag-one-six"
  makes network "$tag-other"
  makes subnet --network "$tag-other" --subnet-range 10.77.2.0/24 "$tag-other"
  makes router "$tag"
  step "site$K: gateway of the router" c router set --external-gateway "external-site$K" "$tag"
  for subnet in "${ROUTED[@]}"; do step "site$K: the router has $subnet" c router add subnet "$tag" "$subnet"; done
}
groups() {
  makes_group "$tag-open"; makes_group "$tag-closed"; makes_group "$tag-friends"
  allows open --protocol icmp
  allows open --ethertype IPv6 --protocol ipv6-icmp
  allows open --protocol tcp --dst-port 8080
}

addresses() {
  local name
  for name in alice bob carol; do
    step "site$K: DHCP gives $name ${V4["$K $name"]}" soon has_address "$name" "${V4["$K $name"]}"
    step "site$K: the port of $name is ACTIVE" becomes ACTIVE port "${PORT["$K $name"]}"
  done
  step "site$K: alice has ${V6["$K alice"]}" soon has_address alice "${V6["$K alice"]}"
}

ways() {
  local alice=${V4["$K alice"]} carol=${V4["$K carol"]} router floating
  step "site$K: ping within a network" soon pings bob "$alice"
  step "site$K: ping within a network, IPv6" soon pings bob "${V6["$K alice"]}"
  step "site$K: ping over the router" soon pings bob "$carol"
  serves guest "$K" "${SERVER["$K alice"]}"; serves guest "$K" "${SERVER["$K carol"]}"
  step "site$K: TCP over the router" soon is_seen_as bob "${V4["$K bob"]}" "$carol"

  router=$(c router show "$tag" -f json | jq -r '.external_gateway_info.external_fixed_ips[0].ip_address')
  step "site$K: ping from outside ends at the router" soon outside_pings "$router"
  step "site$K: ping to the outside" soon pings carol "198.18.$K.1"
  step "site$K: SNAT: seen from outside as the router" soon is_seen_as carol "$router" "198.18.$K.1"

  create "site$K: create floating IP" floating ip create --port "${PORT["$K alice"]}" "external-site$K" || return
  MADE[$K]="floating $made"$'\n'"${MADE[$K]}"
  floating=$(c floating ip show "$made" -f value -c floating_ip_address)
  step "site$K: the floating IP is ACTIVE" becomes ACTIVE 'floating ip' "$made"
  step "site$K: ping from outside to the floating IP" soon outside_pings "$floating"
  step "site$K: TCP from outside to the floating IP" soon outside_is_seen_as "198.18.$K.1" "$floating"
  step "site$K: seen from outside as the floating IP" soon is_seen_as alice "$floating" "198.18.$K.1"
}

rules() {
  local bob=${V4["$K bob"]}
  step "site$K: no rule: ping is dropped" never_pings alice "$bob"
  allows closed --protocol icmp --remote-ip 10.77.1.0/24
  step "site$K: a rule lets ping in" soon pings alice "$bob"
  step "site$K: but no TCP" soon never_is_seen bob
  step "site$K: the rule goes" c security group rule delete "$made"
  step "site$K: ping is dropped again" soon never_pings alice "$bob"

  allows closed --protocol icmp --remote-group "$tag-friends"
  step "site$K: not of the remote group: dropped" never_pings alice "$bob"
  step "site$K: alice joins the group" c server add security group "${SERVER["$K alice"]}" "$tag-friends"
  step "site$K: of the remote group: let in" soon pings alice "$bob"
  step "site$K: carol is not: dropped" never_pings carol "$bob"
  step "site$K: alice leaves the group" c server remove security group "${SERVER["$K alice"]}" "$tag-friends"
  step "site$K: left the remote group: dropped" soon never_pings alice "$bob"
}
address_group() {
  local bob=${V4["$K bob"]} alice=${V4["$K alice"]}
  create "site$K: create address group $tag" address group create "$tag" || return
  MADE[$K]+="addresses $made"$'\n'
  allows closed --protocol icmp --remote-address-group "$tag"
  step "site$K: not in the address group: dropped" never_pings alice "$bob"
  step "site$K: alice's address joins it" c address group set --address "$alice/32" "$tag"
  step "site$K: in the address group: let in" soon pings alice "$bob"
  step "site$K: carol's is not: dropped" never_pings carol "$bob"
  step "site$K: alice's address leaves it" c address group unset --address "$alice/32" "$tag"
  step "site$K: left the address group: dropped" soon never_pings alice "$bob"
}
never_is_seen() { ! is_seen_as alice "${V4["$K alice"]}" "${V4["$K $1"]}"; }

prove_site() {
  networks
  makes_server alice "$tag-one" "$tag-open"
  makes_server bob "$tag-one" "$tag-closed"
  makes_server carol "$tag-other" "$tag-open"
  if [ -n "${V4["$K carol"]:-}" ]; then addresses; ways; rules; address_group; fi
}

# ==== two sites =====================================================================

# Both hold the same subnet: pools apart, and one gateway.
vlan_guest() { # vlan_guest NAME SEGMENT FIRST LAST GATEWAY
  makes network --provider-network-type vlan --provider-physical-network physnet1 --provider-segment "$2" "$tag-$1"
  makes subnet --network "$tag-$1" --subnet-range 10.78.0.0/24 --gateway "$5" \
    --allocation-pool "start=10.78.0.$3,end=10.78.0.$4" "$tag-$1"
  makes_server "$1" "$tag-$1" "$tag-open" && step "site$K: DHCP gives $1 ${V4["$K $1"]}" soon has_address "$1" "${V4["$K $1"]}"
}
prove_pair() { # prove_pair K OTHER
  local segment=$((100 + RANDOM % 100)) name=vlan$1$2 here there
  use_site "$1"; vlan_guest "$name" "$segment" 10 99 10.78.0.1 || return; here=${V4["$K $name"]}
  use_site "$2"; vlan_guest "$name" "$segment" 110 199 none || return;    there=${V4["$K $name"]}
  step "site$2 pings site$1 on VLAN $segment" soon pings "$name" "$here"
  use_site "$1"
  step "site$1 pings site$2 on VLAN $segment" soon pings "$name" "$there"
  serves guest "$2" "${SERVER["$2 $name"]}"
  step "site$1 speaks TCP with site$2" soon is_seen_as "$name" "$here" "$there"
}

# ==== all ===========================================================================

no_guests() { # of servers that were made here
  local name
  for name in "${!SERVER[@]}"; do
    [ "${name% *}" != "$K" ] || ! "$HERE/lab.sh" guest "$K" "${SERVER[$name]}" true 2>/dev/null || { echo "$name"; return 1; }
  done
}

serves outside
for site in "${SITES[@]}"; do
  use_site "$site"
  image_and_flavor; groups
  [ -n "$between" ] || prove_site
done
for other in "${SITES[@]:1}"; do prove_pair "${SITES[0]}" "$other"; done
for site in "${SITES[@]}"; do
  step "site$site: all of it is deleted" removes "$site"
  step "site$site: the guests are gone" soon no_guests
done
exit $((failures > 100 ? 100 : failures))
