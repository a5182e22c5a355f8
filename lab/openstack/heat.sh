#!/usr/bin/env bash
# One unchanged Heat beside a cascade of two sites: a plain member of a project builds
# stacks in each zone, changes them, lets some fail and roll back, and deletes them.
#
#   heat.sh [--short] OPENRC ZONE ZONE [KIND...]
#
# The file names the cascade's administrator, who makes the project, its user, a flavor
# and an external network in each zone.  Kinds of stack, all unless some are named:
# server (in each zone), nested, replace, failed, software, scaling, adopted.  --short:
# one zone's server, with fewer steps, and nested.  Needs `lab.sh beside heat`.  Prints `ok  STEP SECONDS` or
# `FAIL STEP: OUTPUT` per step and goes on; the exit code is the number of failures.
# shellcheck disable=SC2317,SC2034  # `step` calls most functions, steps.sh reads OPTIONS
set -uo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
short=''; [ "${1:-}" != --short ] || { short=1; shift; }
[ $# -ge 3 ] || { sed -n '2,/^# shellcheck/{/^# shellcheck/d;s/^# \{0,1\}//;p}' "$0"; exit 2; }

# shellcheck source=steps.sh
. "$HERE/steps.sh"
tag=heat-$$-$RANDOM
ZONE=("$2" "$3"); shift 3
kinds=" ${*:-server nested replace failed software scaling adopted} "
[ -z "$short" ] || kinds=' server nested '
HOT=$HERE/heat
SECONDS_OF_A_STACK=400

# ==== what the administrator makes ====================================================

prepare() {
  local i
  create project project create --domain default "$tag"; project=$made
  create user user create --domain default --project "$project" --password "$tag" "$tag"; user=$made
  step role c role add --project "$project" --user "$user" member
  create flavor flavor create --vcpus 1 --ram 64 --disk 1 "$tag-small"; small=$made
  create flavor-2 flavor create --vcpus 2 --ram 128 --disk 1 "$tag-large"; large=$made
  for i in 0 1; do
    create "external-${ZONE[i]}" network create --external --provider-network-type flat \
      --provider-physical-network "$tag-$i" --availability-zone-hint "${ZONE[i]}" "$tag-external-$i"; external[i]=$made
    create "external-subnet-${ZONE[i]}" subnet create --network "${external[i]}" --subnet-range "203.0.11$i.0/24" --no-dhcp "$tag-external-$i"
  done
}

as_member() {
  OPTIONS=(--os-username "$tag" --os-password "$tag" --os-project-name "$tag")
  ssh-keygen -q -t ed25519 -N '' -f "$W/key"
  head -c 1048576 /dev/urandom >"$W/image"
  create image image create --disk-format raw --container-format bare --file "$W/image" "$tag"; image=$made
  # The first thing of a project that names no zone tells where its home is.
  create group security group create "$tag"
  home=0
  step home home_of_group "$made" && home=$(cat "$W/out")
  step group-delete c security group delete "$made"
}
home_of_group() { # home_of_group ID -> 0 or 1: the site that has it
  local i
  for i in 0 1; do
    if c --os-auth-url "$KEYSTONE" --os-region-name "child$((i + 1))" --os-interface internal --os-username admin \
      --os-password secret --os-project-name admin security group show "$1" >/dev/null 2>&1; then
      echo "$i"; return
    fi
  done
  return 1
}

# ==== stacks ==========================================================================

stack_state() { c stack show "$1" -f value -c stack_status; }
stack_is() { # stack_is STATUS STACK : says why, where it has failed
  local end=$(($(now_ms) + SECONDS_OF_A_STACK * 1000)) state=''
  while [ "$(now_ms)" -lt "$end" ]; do
    state=$(stack_state "$2") || return 1
    [ "$state" != "$1" ] || return 0
    case $state in *_FAILED) break;; esac
    sleep 0.7
  done
  echo "is $state, wanted $1: $(c stack show "$2" -f value -c stack_status_reason)"
  c stack failures list "$2" | head -c 1500
  return 1
}
stack_is_gone() { ! stack_state "$1" >/dev/null 2>&1; }
output_of() { c stack output show "$1" "$2" -f value -c output_value; }

make_stack() { # make_stack NAME FILE [--parameter K=V ...] : and waits for it
  local name=$1 file=$2; shift 2
  step "$name" c stack create -t "$HOT/$file" "$@" "$tag-$name" &&
    step "$name-complete" stack_is CREATE_COMPLETE "$tag-$name"
}
change_stack() { # change_stack NAME STEP FILE [--parameter K=V ...]
  local name=$1 what=$2 file=$3; shift 3
  step "$name-$what" c stack update -t "$HOT/$file" --existing "$@" "$tag-$name" &&
    step "$name-$what-complete" stack_is UPDATE_COMPLETE "$tag-$name"
}
end_stack() { # end_stack NAME
  step "$1-delete" c stack delete --yes "$tag-$1" &&
    step "$1-gone" polling 240 stack_is_gone "$tag-$1"
}
resource_id() { c stack resource show "$tag-$1" "$2" -f value -c physical_resource_id; }

# ==== the kinds of stack ==============================================================

server_stack() { # server_stack INDEX
  local i=$1 zone=${ZONE[$1]} name=server-${ZONE[$1]} before
  lasting+=("$name")
  local -a given=(--parameter "zone=$zone" --parameter "name=$tag-$i" --parameter "image=$image" --parameter "octet=$i"
    --parameter "public_key=$(cat "$W/key.pub")" --parameter "external=${external[i]}" --parameter "flavor=$tag-small" --parameter "grouped=$([ "$i" = "$home" ] && echo true || echo false)")
  [ -n "$short" ] || step "$name-preview" c stack create --dry-run -t "$HOT/server.yaml" "${given[@]}" "$tag-$name"
  make_stack "$name" server.yaml "${given[@]}" || return
  step "$name-zone" prints "$zone" output_of "$tag-$name" zone
  step "$name-address" c stack output show "$tag-$name" address
  before=$(resource_id "$name" server)
  change_stack "$name" in-place server.yaml --parameter metadata=second --parameter volume_size=2
  step "$name-in-place-same" prints "$before" resource_id "$name" server
  change_stack "$name" resize server.yaml --parameter "flavor=$tag-large"
  step "$name-resized" server_has_flavor "$before" "$tag-large"
  [ -z "$short" ] || return 0
  step "$name-check" c stack check "$tag-$name" && step "$name-check-complete" stack_is CHECK_COMPLETE "$tag-$name"
  step "$name-suspend" c stack suspend "$tag-$name" && step "$name-suspend-complete" stack_is SUSPEND_COMPLETE "$tag-$name"
  step "$name-resume" c stack resume "$tag-$name" && step "$name-resume-complete" stack_is RESUME_COMPLETE "$tag-$name"
}
server_has_flavor() { c server show "$1" -f json | jq -e --arg f "$2" '.flavor | tostring | contains($f)' >/dev/null; }

replaced_stack() { # replaced_stack INDEX : a volume cannot change its zone, so it is made anew in the other one
  local i=$1 other=$((1 - $1)) before
  make_stack replace volume.yaml --parameter "zone=${ZONE[i]}" --parameter "name=$tag" || return
  before=$(output_of "$tag-replace" volume)
  change_stack replace replacement volume.yaml --parameter "zone=${ZONE[other]}"
  step replace-is-another prints "${ZONE[other]}" zone_of_output replace
  step replace-old-is-gone gone volume "$before"
  # Larger than any quota: the update fails, and what was is put back.
  step replace-too-large c stack update -t "$HOT/volume.yaml" --existing --rollback enabled --parameter size=100000 "$tag-replace" &&
    step replace-rolled-back stack_is ROLLBACK_COMPLETE "$tag-replace"
  step replace-as-before prints "${ZONE[other]}" zone_of_output replace
  step replace-snapshot c stack snapshot create "$tag-replace"
  step replace-snapshot-complete stack_is SNAPSHOT_COMPLETE "$tag-replace"
  end_stack replace
}
zone_of_output() { c volume show "$(output_of "$tag-$1" volume)" -f value -c availability_zone; }

failed_stack() { # a create that fails takes back what it had made
  step failed c stack create -t "$HOT/volume.yaml" --enable-rollback --parameter "zone=${ZONE[0]}" --parameter "name=$tag" \
    --parameter size=100000 "$tag-failed"
  step failed-rolled-back stack_is ROLLBACK_COMPLETE "$tag-failed"
  end_stack failed
}

nested_stack() { # nested_stack INDEX
  make_stack nested nested.yaml --parameter "zone=${ZONE[$1]}" --parameter "name=$tag" --parameter "region=$REGION" || return
  step nested-inner prints "${ZONE[$1]}" zone_of_inner
  step nested-remote c volume show "$(output_of "$tag-nested" remote)"
  change_stack nested grows nested.yaml --parameter count=3
  step nested-three prints 3 volumes_of_group
  [ -n "$short" ] || change_stack nested shrinks nested.yaml --parameter count=1
  end_stack nested
}
zone_of_inner() { c volume show "$(output_of "$tag-nested" inner)" -f value -c availability_zone; }
volumes_of_group() { c stack output show "$tag-nested" volumes -f json | jq -r '.output_value | if type == "string" then fromjson else . end | length'; }

software_stack() { # software_stack INDEX
  step software c stack create -t "$HOT/software.yaml" --parameter "zone=${ZONE[$1]}" --parameter "name=$tag" --parameter "image=$image" \
    --parameter "flavor=$tag-small" "$tag-software" || return
  step software-deployment polling 200 has_begun signalled
  step software-wait polling 100 has_begun wait
  step software-signal signal_deployment
  step software-wait-signal signal_handle
  step software-complete stack_is CREATE_COMPLETE "$tag-software"
  step software-data output_of "$tag-software" data
  end_stack software
}
has_begun() { [ "$(c stack resource show "$tag-software" "$1" -f value -c resource_status)" != INIT_COMPLETE ]; }
# The agent in a guest would say this.
signal_deployment() { c stack resource signal --data '{"greeting": "hello world", "deploy_status_code": 0}' "$tag-software" signalled; }
# As the guest does: with the token of the user that Heat made in its own domain.
signal_handle() {
  local command; command=$(output_of "$tag-software" curl) || return 1
  bash -c "$command --fail --silent --show-error --data-binary '{\"status\": \"SUCCESS\", \"data\": \"arrived\"}'"
}

scaling_stack() { # scaling_stack INDEX
  make_stack scaling scaling.yaml --parameter "zone=${ZONE[$1]}" --parameter "name=$tag-scaled" --parameter "image=$image" \
    --parameter "flavor=$tag-small" || return
  step scaling-one prints 1 servers_named "$tag-scaled"
  change_stack scaling grows scaling.yaml --parameter size=2
  step scaling-two polling 30 has_two
  end_stack scaling
}
servers_named() { c server list --name "$1" -f value -c ID | grep -c .; }
has_two() { [ "$(servers_named "$tag-scaled")" = 2 ] && [ "$(output_of "$tag-scaling" size)" = 2 ]; }

adopted_stack() { # what one stack lets go, another takes up
  make_stack abandoned volume.yaml --parameter "zone=${ZONE[1]}" --parameter "name=$tag" || return
  local volume; volume=$(output_of "$tag-abandoned" volume)
  step abandon c stack abandon --output-file "$W/abandoned.json" "$tag-abandoned"
  step abandoned-remains c volume show "$volume"
  step adopt c stack adopt --adopt-file "$W/abandoned.json" "$tag-adopted" && step adopt-complete stack_is ADOPT_COMPLETE "$tag-adopted"
  step adopted-is-it prints "$volume" output_of "$tag-adopted" volume
  end_stack adopted
}

# ==== and back ========================================================================

KINDS=(server volume port network subnet router 'floating ip' 'security group' keypair 'server group' 'volume snapshot')
# Newer Neutrons show the subnets of external networks, too (subnet-external-network).
listed() { # listed KIND : what is the member's, without the default security group
  local others
  case $1 in
    network) c network list --internal -f value;;
    subnet)
      others=$(c network list --external -f value -c ID)
      c subnet list -f value | grep -vF "${others:-none}";;
    # shellcheck disable=SC2086
    *) c $1 list -f value | grep -v ' default ';;
  esac
}
nothing_left() { # no list of the member's has anything but the default security group and the external networks
  local kind all left=''
  for kind in "${KINDS[@]}"; do
    all=$(listed "$kind") || true
    [ -z "$all" ] || left+=" $kind: $all"
  done
  [ -z "$left" ] || { echo "still listed:$left"; return 1; }
}

delete_all() {
  step nothing-left polling 60 nothing_left
  step image-delete c image delete "$image"
  OPTIONS=()
  step flavor-delete c flavor delete "$small" "$large"
  step external-delete c network delete "${external[@]}"
  step user-delete c user delete "$user"
  step project-delete c project delete "$project"
}

lasting=() external=('' '') image='' small='' large='' project='' user=''
KEYSTONE=$(jq -r '.sites[0].auth.auth_url' "${LAB_DIR:-/var/tmp/cascade-lab}/lab.json")

prepare
as_member
step catalog c catalog show orchestration
for kind in $kinds; do
  case $kind in
    server)
      server_stack "$home"
      [ -n "$short" ] || server_stack "$((1 - home))"
      ;;
    nested)   nested_stack "$((1 - home))";;
    replace)  replaced_stack 0;;
    failed)   failed_stack;;
    software) software_stack 1;;
    scaling)  scaling_stack 1;;
    adopted)  adopted_stack;;
    *) step "$kind" false;;
  esac
done
for stack in "${lasting[@]}"; do end_stack "$stack"; done
delete_all

[ "$failures" -le 100 ] || failures=100
exit "$failures"
