#!/usr/bin/env bash
# Proves with the real openstack client that a cloud works end to end: flavor,
# image, network, router, server (ACTIVE), volume (available, attached), floating
# IP, security group, snapshot; then deletes all of it.  Prints seconds per step.
#
#   prove.sh OPENRC...     e.g. prove.sh /var/tmp/cascade-lab/openrc-site*
#
# With PROVE_KEEP=1 nothing is deleted at the end.
# shellcheck disable=SC2317,SC1090  # `step` calls most functions; openrc files are arguments
set -euo pipefail

prove_one() {
  . "$1"
  local tag=prove-$$-$RANDOM t0 t label; t0=$(date +%s.%N)
  local img; img=$(mktemp)
  head -c 1048576 /dev/urandom >"$img"
  step() { # step LABEL CMD...
    label=$1; shift
    local s; s=$(date +%s.%N)
    if ! out=$("$@" 2>&1); then echo "FAIL $label: $out"; return 1; fi
    t=$(date +%s.%N); printf '  ok %6.1f s  %s\n' "$(echo "$t $s" | awk '{print $1-$2}')" "$label"
  }
  o() { openstack "$@"; }
  # until VALUE CMD... : wait until the command prints VALUE
  until_is() { local want=$1 i got; shift
    for ((i = 0; i < 60; i++)); do
      got=$("$@" -f value -c status); [ "$got" != "$want" ] || return 0
      case $got in ERROR|error) break;; esac
      sleep 1
    done
    echo "is '$got', wanted '$want'"; return 1; }

  step flavor o flavor create --vcpus 1 --ram 64 --disk 1 $tag
  step image o image create --disk-format raw --container-format bare --file "$img" $tag
  step image-active until_is active o image show $tag
  o image save --file "$img.back" $tag; cmp "$img" "$img.back"; rm -f "$img.back"
  step ext-net o network create --external --provider-network-type flat --provider-physical-network $tag $tag-ext
  step ext-subnet o subnet create --network $tag-ext --subnet-range 203.0.113.0/24 --no-dhcp $tag-ext
  step network o network create $tag
  step subnet o subnet create --network $tag --subnet-range 10.77.0.0/24 $tag
  step router o router create $tag
  step router-subnet o router add subnet $tag $tag
  step router-gateway o router set --external-gateway $tag-ext $tag
  step secgroup o security group create $tag
  step secgroup-rule o security group rule create --protocol tcp --dst-port 22 $tag
  ssh-keygen -q -t ed25519 -N '' -f "$img.key"
  step keypair o keypair create --public-key "$img.key.pub" $tag
  step server o server create --flavor $tag --image $tag --network $tag --security-group $tag --key-name $tag --wait $tag
  step server-active until_is ACTIVE o server show $tag
  step volume o volume create --size 1 $tag
  step volume-available until_is available o volume show $tag
  step attach o server add volume $tag $tag
  step volume-in-use until_is in-use o volume show $tag
  step volume-from-image o volume create --size 1 --image $tag $tag-boot
  step volume-from-image-available until_is available o volume show $tag-boot
  step fip o floating ip create $tag-ext
  local fip port; fip=$(o floating ip list --network $tag-ext -f value -c 'Floating IP Address')
  step fip-add o server add floating ip $tag "$fip"
  step fip-active until_is ACTIVE o floating ip show "$fip"
  port=$(o port list --server $tag -f value -c ID)
  step port-active until_is ACTIVE o port show "$port"
  step server-snapshot o server image create --name $tag-snap --wait $tag
  step volume-snapshot o volume snapshot create --force --volume $tag $tag
  step console o console log show $tag
  step stop o server stop $tag
  step stopped until_is SHUTOFF o server show $tag
  step start o server start $tag
  step started until_is ACTIVE o server show $tag
  if [ -z "${PROVE_KEEP:-}" ]; then
    step fip-remove o server remove floating ip $tag "$fip"
    step fip-delete o floating ip delete "$fip"
    step detach o server remove volume $tag $tag
    step volume-free until_is available o volume show $tag
    step volume-snapshot-delete o volume snapshot delete $tag
    sleep 2
    step volume-delete o volume delete $tag $tag-boot
    step server-delete o server delete --wait $tag
    step router-clear o router unset --external-gateway $tag
    step router-remove o router remove subnet $tag $tag
    step router-delete o router delete $tag
    step networks-delete o network delete $tag $tag-ext
    step secgroup-delete o security group delete $tag
    step keypair-delete o keypair delete $tag
    step images-delete o image delete $tag $tag-snap
    step flavor-delete o flavor delete $tag
  fi
  rm -f "$img" "$img.key" "$img.key.pub"
  printf 'PASS %s in %.0f s\n' "$1" "$(echo "$(date +%s.%N) $t0" | awk '{print $1-$2}')"
}

[ $# -gt 0 ] || { sed -n '2,/^# shellcheck/{/^# shellcheck/d;s/^# \{0,1\}//;p}' "$0"; exit 2; }
rc=0; pids=(); logs=()
for f in "$@"; do l=$(mktemp); logs+=("$l"); ( prove_one "$f" ) >"$l" 2>&1 & pids+=($!); done
for i in "${!pids[@]}"; do
  wait "${pids[$i]}" || rc=1
  echo "== ${*:$((i + 1)):1}"; cat "${logs[$i]}"; rm -f "${logs[$i]}"
done
exit $rc
