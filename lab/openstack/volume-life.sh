#!/usr/bin/env bash
# The life of a volume in a cascade, with the unmodified openstack client: made from an image, extended, copied,
# backed up and restored, grouped, of another type, given to another project, an image again, and gone.
#
#   volume-life.sh OPENRC ZONE ZONE
#
# The file names the cascade's administrator, the zones its two sites.  Prints `ok  STEP SECONDS` or
# `FAIL STEP: OUTPUT` per step and goes on; the exit code is the number of failures (100 at most).
# shellcheck disable=SC2317  # `step` calls most functions
set -uo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -eq 3 ] || { sed -n '2,/^# shellcheck/{/^# shellcheck/d;s/^# \{0,1\}//;p}' "$0"; exit 2; }
# shellcheck source=steps.sh
. "$HERE/steps.sh"
OPTIONS=(--os-volume-api-version 3.65) # from 3.66 on Zed's client cannot make snapshots
tag=life-$$-$RANDOM

member() { # member PROJECT ARGUMENTS... : as the member of a project made here
  local project=$1; shift
  c --os-username "$tag" --os-password "$tag" --os-project-name "$project" "$@"
}
refused_with() { # refused_with WORDS... COMMAND after -- : the command fails, and its words name all of these
  local wanted=() words word
  while [ "$1" != -- ]; do wanted+=("$1"); shift; done; shift
  words=$("$@" 2>&1) && { echo "was taken"; return 1; }
  for word in "${wanted[@]}"; do [[ $words == *"$word"* ]] || { echo "no '$word' in: $words"; return 1; }; done
}
has_row() { # has_row ID COMMAND... : a list has the id
  local id=$1; shift
  "$@" -f value -c ID | grep -qx "$id" || { echo "$id is in no list"; return 1; }
}
has_no_row() { ! has_row "$@" >/dev/null; }
group_listed() { # group_listed ID STATUS : in the list, since Zed's client cannot show one
  c volume group list -f value -c ID -c Status | grep -qx "$1 $2" || { echo "no $1 $2 in the list"; return 1; }
}
in_zone() { prints "$1" c volume show "$2" -f value -c availability_zone; } # in_zone ZONE VOLUME
volumes=()
volume() { # volume LABEL ARGUMENTS... : one that is there soon
  local label=$1; shift
  create "$label" volume create "$@" && volumes+=("$made") && step "$label-available" becomes available volume "$made"
}

projects() {
  local name
  create user user create --password "$tag" "$tag"; user=$made
  for name in giver taker; do
    create "project-$name" project create "$tag-$name"; project[$name]=$made
    step "member-$name" c role add --user "$user" --project "$made" member
  done
}

# Where the image is, the volume will be; the other zone is where it is not.
birth() {
  head -c 1048576 /dev/urandom >"$W/image"
  create image image create --disk-format raw --container-format bare --file "$W/image" "$tag"; image=$made
  step image-active becomes active image "$image"
  volume volume --image "$image" --size 1 "$tag"; data=$made
  here=$(c volume show "$data" -f value -c availability_zone)
  [ "$here" = "$1" ] && there=$2 || there=$1
  volume brought --image "$image" --size 1 --availability-zone "$there" "$tag-brought"; step brought-zone in_zone "$there" "$made"
}

copies() {
  step extend c volume set --size 2 "$data"
  step extended polling 60 prints 2 c volume show "$data" -f value -c size
  create snapshot volume snapshot create --volume "$data" "$tag"; snapshot=$made
  step snapshot-available becomes available 'volume snapshot' "$snapshot"
  volume clone --source "$data" "$tag-clone"; step clone-zone in_zone "$here" "$made"
  volume from-snapshot --snapshot "$snapshot" "$tag-copy"; step from-snapshot-zone in_zone "$here" "$made"
  step snapshot-elsewhere refused_with "$here" "$there" image -- \
    c volume create --size 2 --snapshot "$snapshot" --availability-zone "$there" "$tag-apart"
}

restores() { # Zed's client stumbles over the answer to a restore that was taken, so the volume is found by its name
  c volume backup restore "$backup" "$tag-restored"
  c volume list --name "$tag-restored" -f value -c ID | grep .
}
backups() {
  create backup volume backup create --name "$tag" "$data"; backup=$made
  step backup-available becomes available 'volume backup' "$backup"
  step restore restores && restored=$(tail -n 1 "$W/out")
  volumes+=("$restored")
  step restored becomes available volume "$restored"
  step restored-zone in_zone "$here" "$restored"
  step backup-free becomes available 'volume backup' "$backup"
  step record-export c volume backup record export "$backup" -f value -c backup_service -c backup_url &&
    mapfile -t record <"$W/out"
  step backup-delete c volume backup delete "$backup"
  step backup-gone gone 'volume backup' "$backup"
  step record-import c volume backup record import "${record[@]}"
  step backup-is-back becomes available 'volume backup' "$backup"
}

types() {
  create type volume type create --property "life:note=$tag" "$tag"
  step retype c volume set --type "$tag" "$data"
  step retyped polling 60 prints "$tag" c volume show "$data" -f value -c type
  create type-elsewhere volume type create --property "RESKEY:availability_zones=$there" "$tag-there"
  step type-of-other-zone refused_with "$there" -- c volume create --size 1 --type "$tag-there" --availability-zone "$here" "$tag-no"
  volume of-type --size 1 --type "$tag-there" "$tag-there"
  step of-type-zone in_zone "$there" "$made"
}

groups() {
  step group-type c volume group type create "$tag" -f value -c ID && group_type=$(tail -n 1 "$W/out")
  step group c volume group create --name "$tag" --availability-zone "$here" "$group_type" "$tag" -f value -c ID &&
    group=$(tail -n 1 "$W/out")
  step group-available polling 60 group_listed "$group" available
  step group-snapshot-of-nothing refused_with empty -- c volume group snapshot create "$group"
}

transfers() {
  local request key id
  step given member "$tag-giver" volume create --size 1 --availability-zone "$there" "$tag-gift" -f value -c id &&
    id=$(tail -n 1 "$W/out")
  step given-available polling 60 prints available member "$tag-giver" volume show "$id" -f value -c status
  step request member "$tag-giver" volume transfer request create "$id" -f value -c id -c auth_key &&
    mapfile -t request < <(sort "$W/out")
  # Its lines come in no order that is promised: the id is the one with dashes.
  key=$(printf '%s\n' "${request[@]}" | grep -v -- -); request=$(printf '%s\n' "${request[@]}" | grep -- -)
  step wrong-key refused_with -- member "$tag-taker" volume transfer request accept --auth-key wrong "$request"
  step accept member "$tag-taker" volume transfer request accept --auth-key "$key" "$request"
  step taken has_row "$id" member "$tag-taker" volume list
  step given-away has_no_row "$id" member "$tag-giver" volume list
  step gift-delete member "$tag-taker" volume delete "$id"
  step gift-gone polling 60 has_no_row "$id" member "$tag-taker" volume list
}

image_again() {
  step upload c image create --volume "$data" "$tag-uploaded" -f value -c image_id && uploaded=$(tail -n 1 "$W/out")
  step uploaded polling 90 prints active c image show "$uploaded" -f value -c status
  step free-again becomes available volume "$data"
}

delete_all() {
  local one
  step snapshot-delete c volume snapshot delete "$snapshot"
  step snapshot-gone gone 'volume snapshot' "$snapshot"
  step volumes-delete c volume delete "${volumes[@]}"
  for one in "${volumes[@]}"; do step "gone-$one" gone volume "$one"; done
  step backup-delete-again c volume backup delete "$backup"
  step group-delete c volume group delete --force "$group"
  step group-gone polling 60 has_no_row "$group" c volume group list
  step group-type-delete c volume group type delete "$group_type"
  step types-delete c volume type delete "$tag" "$tag-there"
  step images-delete c image delete "$image" "$uploaded"
  step projects-delete c project delete "${project[@]}"
  step user-delete c user delete "$user"
}

declare -A project=()
user='' image='' data='' here='' there='' snapshot='' backup='' restored='' record=() group='' group_type='' uploaded=''
projects
birth "$2" "$3"
copies
backups
types
groups
transfers
image_again
delete_all

[ "$failures" -le 100 ] || failures=100
exit "$failures"
