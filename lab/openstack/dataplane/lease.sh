#!/bin/sh
# What a guest does with an answer of DHCP; called by udhcpc, which puts the answer into the environment.
set -e
metric=$((100 + ${interface#eth}))

# RFC 3442: with classless routes, the one for the router is among them.
routes() {
  # shellcheck disable=SC2086,SC2154  # udhcpc's
  set -- $staticroutes
  if [ $# -eq 0 ] && [ -n "$router" ]; then set -- 0.0.0.0/0 "${router%% *}"; fi
  while [ $# -ge 2 ]; do
    if [ "$2" = 0.0.0.0 ]; then hop=''; else hop="via $2 onlink"; fi
    # shellcheck disable=SC2086
    ip -4 route replace "$1" $hop dev "$interface" metric "$metric"
    shift 2
  done
}

case $1 in
  deconfig)
    ip -4 address flush dev "$interface"
    ip link set "$interface" up;;
  bound|renew)
    ip link set "$interface" mtu "${mtu:-1500}"
    ip -4 address replace "$ip/$mask" dev "$interface"
    routes
    echo "$1 $ip/$mask router ${router:-none} dns ${dns:-none} server $serverid mtu ${mtu:-none}";;
esac
