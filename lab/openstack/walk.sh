#!/usr/bin/env bash
# Walks through a cascade of two sites with the unmodified openstack client, asks each
# site directly whether it holds the same ids, and deletes everything again.
#
#   walk.sh OPENRC ZONE=OPENRC ZONE=OPENRC
#
# The first file names the cascade, the others the two sites behind its zones.  Prints
# `ok  STEP SECONDS` or `FAIL STEP: OUTPUT` per step and goes on; the exit code is the
# number of failures (100 at most).
# shellcheck disable=SC2317,SC1090  # `step` calls most functions; openrc files are arguments
set -uo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -eq 3 ] || { sed -n '2,/^# shellcheck/{/^# shellcheck/d;s/^# \{0,1\}//;p}' "$0"; exit 2; }

# shellcheck source=steps.sh
. "$HERE/steps.sh"
tag=walk-$$-$RANDOM

ZONE=("${2%%=*}" "${3%%=*}")
SITE_OPENRC=("${2#*=}" "${3#*=}")
at() { # at INDEX ARGUMENTS... : the same, asked of the site behind zone INDEX
  local options
  mapfile -t options < <(. "${SITE_OPENRC[$1]}"
    printf '%s\n' --os-auth-url "$OS_AUTH_URL" --os-region-name "$OS_REGION_NAME" --os-interface "$OS_INTERFACE" \
      --os-username "$OS_USERNAME" --os-password "$OS_PASSWORD" --os-project-name "$OS_PROJECT_NAME")
  shift
  c "${options[@]}" "$@"
}

# shellcheck disable=SC2086
lists() { # lists KIND ID : the cascade's list has the id
  c $1 list -f value -c ID | grep -qx "$2" || { echo "$2 is in no list"; return 1; }
}
image_within_10s() { polling 10 lists image "$1" >/dev/null || { echo "not listed after 10 s"; return 1; }; }

# ==== the walk ======================================================================

zones_listed() {
  local z names; names=$(c availability zone list --compute -f value -c 'Zone Name') || return 1
  for z in "${ZONE[@]}"; do grep -qx "$z" <<<"$names" || { echo "no zone $z in: $names"; return 1; }; done
}

flavors() {
  create flavor flavor create --vcpus 1 --ram 64 --disk 1 "$tag-small"; small=$made
  create flavor-2 flavor create --vcpus 2 --ram 128 --disk 1 "$tag-large"; large=$made
  step flavor-show prints "$tag-small" c flavor show "$small" -f value -c name
}

# An image lives in one site.  The one made without a zone tells which of the two is
# the project's home, and that becomes zone 0 of the walk; the other site gets an image
# behind the cascade's back, which must show up by itself.
images() {
  head -c 1048576 /dev/urandom >"$W/image"
  create image image create --disk-format raw --container-format bare --file "$W/image" "$tag-0"; image[0]=$made
  step image-active becomes active image "${image[0]}"
  step image-save c image save --file "$W/saved" "${image[0]}"
  step image-bytes cmp "$W/image" "$W/saved"
  if ! at 0 image show "${image[0]}" >/dev/null 2>&1; then
    ZONE=("${ZONE[1]}" "${ZONE[0]}"); SITE_OPENRC=("${SITE_OPENRC[1]}" "${SITE_OPENRC[0]}")
  fi
  step image-at-home at 0 image show "${image[0]}"
  step image-made-at-site at 1 image create --disk-format raw --container-format bare \
    --file "$W/image" "$tag-1" -f value -c id && image[1]=$(tail -n 1 "$W/out")
  step image-appears image_within_10s "${image[1]}"
}

keypair_and_group() {
  ssh-keygen -q -t ed25519 -N '' -f "$W/key"
  step keypair c keypair create --public-key "$W/key.pub" "$tag"
  create secgroup security group create "$tag"; group=$made
  step secgroup-rule c security group rule create --protocol tcp --dst-port 22 "$group"
}

network_in() { # network_in INDEX
  local i=$1 zone=${ZONE[$1]}
  create "network-$zone" network create --availability-zone-hint "$zone" "$tag-$i"; network[i]=$made
  create "subnet-$zone" subnet create --network "${network[i]}" --subnet-range "10.77.$i.0/24" "$tag-$i"; subnet[i]=$made
  create "router-$zone" router create --availability-zone-hint "$zone" "$tag-$i"; router[i]=$made
  step "router-subnet-$zone" c router add subnet "${router[i]}" "${subnet[i]}"
}

servers() {
  local i common
  for i in 0 1; do
    common=(--flavor "$small" --image "${image[i]}" --network "${network[i]}" --key-name "$tag")
    # A security group has no zone hint: it lives in the project's home site.
    [ "$i" -ne 0 ] || common+=(--security-group "$group")
    create "server-${ZONE[i]}" server create "${common[@]}" --availability-zone "${ZONE[i]}" "$tag-$i"; server[i]=$made
  done
  step references-apart refused_as_apart
  # No zone is named, but what it refers to lives in zone 0.
  create server-anywhere server create --flavor "$small" --image "${image[0]}" --network "${network[0]}" "$tag-2"; server[2]=$made
  for i in 0 1 2; do step "server-active-$i" becomes ACTIVE server "${server[i]}"; done
  for i in 0 1; do
    step "server-zone-$i" prints "${ZONE[i]}" c server show "${server[i]}" -f value -c OS-EXT-AZ:availability_zone
  done
  step server-zone-anywhere prints "${ZONE[0]}" c server show "${server[2]}" -f value -c OS-EXT-AZ:availability_zone
  step server-list one_list_of_servers
  # An image goes where a server is wanted that needs it.
  create server-far server create --flavor "$small" --image "${image[0]}" --network "${network[1]}" "$tag-far"
  step server-far-active becomes ACTIVE server "$made"
  step server-far-zone prints "${ZONE[1]}" c server show "$made" -f value -c OS-EXT-AZ:availability_zone
  step server-far-delete c server delete --wait "$made"
}
refused_as_apart() { # a network of each zone: refused, with both zones named
  local words
  words=$(c server create --flavor "$small" --image "${image[0]}" --network "${network[0]}" --network "${network[1]}" "$tag-apart" 2>&1) && { echo "was taken"; return 1; }
  [[ $words == *"${ZONE[0]}"* && $words == *"${ZONE[1]}"* ]] || { echo "$words"; return 1; }
}
one_list_of_servers() {
  local rows wanted
  rows=$(c server list --name "$tag" -f value -c ID -c 'Availability Zone' | sort) || return 1
  wanted=$(printf '%s\n' "${server[0]} ${ZONE[0]}" "${server[1]} ${ZONE[1]}" "${server[2]} ${ZONE[0]}" | sort)
  [ "$rows" = "$wanted" ] || { echo "got $rows, wanted $wanted"; return 1; }
}

volumes() {
  local i
  for i in 0 1; do
    create "volume-${ZONE[i]}" volume create --size 1 --availability-zone "${ZONE[i]}" "$tag-$i"; volume[i]=$made
  done
  for i in 0 1; do
    step "volume-available-$i" becomes available volume "${volume[i]}"
    step "attach-$i" c server add volume "${server[i]}" "${volume[i]}"
    step "volume-in-use-$i" becomes in-use volume "${volume[i]}"
  done
  create volume-snapshot volume snapshot create --force --volume "${volume[0]}" "$tag"; snapshot=$made
  step volume-snapshot-available becomes available 'volume snapshot' "$snapshot"
}

floating_ip() {
  create external-network network create --external --provider-network-type flat \
    --provider-physical-network "$tag" --availability-zone-hint "${ZONE[0]}" "$tag-external"; external=$made
  step external-subnet c subnet create --network "$external" --subnet-range 203.0.113.0/24 --no-dhcp "$tag-external"
  step router-gateway c router set --external-gateway "$external" "${router[0]}"
  create floating-ip floating ip create "$external"; fip=$made
  step floating-ip-address c floating ip show "$fip" -f value -c floating_ip_address && address=$(cat "$W/out")
  step floating-ip-add c server add floating ip "${server[0]}" "$address"
  step floating-ip-active becomes ACTIVE 'floating ip' "$fip"
}

server_actions() { # server_actions ID
  step console-log c console log show "$1"
  step resize c server resize --flavor "$large" "$1"
  step resize-verify becomes VERIFY_RESIZE server "$1"
  step resize-confirm c server resize confirm "$1"
  step resize-active becomes ACTIVE server "$1"
  step rebuild c server rebuild --image "${image[0]}" "$1"
  step rebuild-active becomes ACTIVE server "$1"
  step shelve c server shelve "$1"
  step shelved becomes SHELVED_OFFLOADED server "$1"
  step unshelve c server unshelve "$1"
  step unshelve-active becomes ACTIVE server "$1"
  step stop c server stop "$1"
  step stopped becomes SHUTOFF server "$1"
  step start c server start "$1"
  step started becomes ACTIVE server "$1"
}

same_ids_at_sites() {
  local i kind
  for i in 0 1; do
    for kind in server volume network subnet router image; do
      local -n ids=$kind
      step "at-${ZONE[i]}-$kind" prints "${ids[i]}" at "$i" "$kind" show "${ids[i]}" -f value -c id
    done
  done
  step "at-${ZONE[0]}-server-anywhere" prints "${server[2]}" at 0 server show "${server[2]}" -f value -c id
  step "at-${ZONE[0]}-snapshot" prints "$snapshot" at 0 volume snapshot show "$snapshot" -f value -c id
  step "at-${ZONE[0]}-floating-ip" prints "$fip" at 0 floating ip show "$fip" -f value -c id
}

# ==== and back ======================================================================

delete_all() {
  local i
  step floating-ip-remove c server remove floating ip "${server[0]}" "$address"
  step floating-ip-delete c floating ip delete "$fip"
  step volume-snapshot-delete c volume snapshot delete "$snapshot"
  step volume-snapshot-gone gone 'volume snapshot' "$snapshot"
  for i in 0 1; do
    step "detach-$i" c server remove volume "${server[i]}" "${volume[i]}"
    step "volume-free-$i" becomes available volume "${volume[i]}"
  done
  step volume-delete c volume delete "${volume[@]}"
  step server-delete c server delete "${server[@]}"
  for i in 0 1 2; do step "server-gone-$i" gone server "${server[i]}"; done
  for i in 0 1; do step "volume-gone-$i" gone volume "${volume[i]}"; done
  step router-gateway-clear c router unset --external-gateway "${router[0]}"
  for i in 0 1; do step "router-subnet-remove-$i" c router remove subnet "${router[i]}" "${subnet[i]}"; done
  step router-delete c router delete "${router[@]}"
  step network-delete c network delete "${network[@]}" "$external"
  step secgroup-delete c security group delete "$group"
  step keypair-delete c keypair delete "$tag"
  step image-delete c image delete "${image[@]}"
  step flavor-delete c flavor delete "$small" "$large"
}

KINDS=(server volume 'volume snapshot' network subnet router image 'security group' keypair flavor)
nothing_left() { # nothing_left COMMAND... : no list that COMMAND prints has our tag
  local kind all left=''
  for kind in "${KINDS[@]}"; do
    # shellcheck disable=SC2086
    all=$("$@" $kind list -f value -c Name) || return 1
    ! grep -q "^$tag" <<<"$all" || left+=" $kind"
  done
  [ -z "$left" ] || { echo "still listed:$left"; return 1; }
}
lists_are_empty() {
  step lists-empty polling 20 nothing_left c
  step "lists-empty-at-${ZONE[0]}" polling 20 nothing_left at 0
  step "lists-empty-at-${ZONE[1]}" polling 20 nothing_left at 1
}

image=('' '') network=('' '') subnet=('' '') router=('' '') server=('' '' '') volume=('' '')
small='' large='' group='' snapshot='' external='' fip='' address=''

step token c token issue
step catalog c catalog list
step zones zones_listed
flavors
images
keypair_and_group
network_in 0
network_in 1
servers
volumes
floating_ip
server_actions "${server[0]}"
same_ids_at_sites
delete_all
lists_are_empty

[ "$failures" -le 100 ] || failures=100
exit "$failures"
