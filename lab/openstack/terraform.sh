#!/usr/bin/env bash
# OpenTofu with the unchanged OpenStack provider, as a plain member of a project, over a cascade of two sites: a
# configuration is applied, shows no further changes, is imported in parts, changed, and destroyed.
#
#   terraform.sh OPENRC ZONE ZONE
#
# The file names the cascade's administrator, who makes the project, its user and a flavor.  Each zone needs a network
# external-ZONE (LAB_WITH=external).  Needs `install.sh terraform`.  Prints `ok  STEP SECONDS` or `FAIL STEP: OUTPUT`
# per step and goes on; the exit code is the number of failures.
# shellcheck disable=SC2034  # steps.sh reads OPTIONS
set -uo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -eq 3 ] || { sed -n '2,/^# shellcheck/{/^# shellcheck/d;s/^# \{0,1\}//;p}' "$0"; exit 2; }
# shellcheck source=services/settings.sh
. "$HERE/services/settings.sh"
# shellcheck source=go/build.sh
. "$HERE/go/build.sh"
# shellcheck source=steps.sh
. "$HERE/steps.sh"
tag=terraform-$$-$RANDOM
ZONE=("$2" "$3")

# ==== what the administrator makes ====================================================

prepare() {
  create project project create --domain default "$tag"; project=$made
  create user user create --domain default --project "$project" --password "$tag" "$tag"; user=$made
  step role c role add --project "$project" --user "$user" member
  create flavor flavor create --vcpus 1 --ram 64 --disk 1 "$tag"; flavor=$made
  local zone external
  for zone in "${ZONE[@]}"; do
    external=$(c network show "external-$zone" -f value -c id) || { echo "FAIL external-$zone: no such network"; exit 1; }
    networks+="${networks:+, }\"$zone\" = \"$external\""
  done
}

# The first thing of a project that names no zone tells where its home is: who makes the configuration knows it.
home_of_project() {
  local id zone at
  id=$(c security group create "$tag" -f value -c id) || return 1
  for zone in "${ZONE[@]}"; do
    at=$(jq -r --arg zone "$zone" '.sites[] | select(.name == $zone) | .region' "$T/lab.json")
    if c --os-auth-url "$(auth_url 1)" --os-region-name "$at" --os-interface internal --os-username admin \
      --os-password "$PW" --os-project-name admin security group show "$id" >/dev/null 2>&1; then home=$zone; fi
  done
  c security group delete "$id"
  [ -n "$home" ]
}

# ==== OpenTofu ==========================================================================

tofu() { # tofu COMMAND... : as the member
  (cd "$W/terraform" && OS_REGION_NAME=$REGION OS_USERNAME=$tag OS_PASSWORD=$tag OS_PROJECT_NAME=$tag OS_PROJECT_DOMAIN_ID=default \
    TF_CLI_CONFIG_FILE=$W/tofurc TF_IN_AUTOMATION=1 "$TERRAFORM/tofu" "$@" -no-color)
}
configure() {
  cp -r "$HERE/terraform" "$W/terraform"
  ssh-keygen -q -t ed25519 -N '' -f "$W/key"
  head -c 1048576 /dev/urandom >"$W/image"
  cat >"$W/tofurc" <<C
provider_installation {
  dev_overrides { "terraform-provider-openstack/openstack" = "$TERRAFORM" }
}
C
  cat >"$W/terraform/terraform.tfvars" <<C
name       = "$tag"
external   = { $networks }
home       = "$home"
flavor     = "$tag"
image_file = "$W/image"
public_key = "$(cut -d' ' -f1,2 "$W/key.pub")"
C
}
no_changes() { tofu plan -input=false -detailed-exitcode "$@"; }
makes_nothing() { tofu plan -input=false | grep -E '^(Plan: 0 to add, [0-9]+ to change, 0 to destroy|No changes)'; }
output() { tofu output -json "$1" | jq -r --arg zone "$2" '.[$zone]'; }

# What was made is forgotten, and found again by its id alone.
imported() { # imported RESOURCE OUTPUT
  local zone id
  for zone in "${ZONE[@]}"; do
    id=$(output "$2" "$zone")
    tofu state rm "$1[\"$zone\"]" && tofu import -input=false "$1[\"$zone\"]" "$id" || return 1
  done
}
runs_in_its_zone() { # runs_in_its_zone ZONE
  prints "ACTIVE $1" state_and_zone "$(output server "$1")"
}
state_and_zone() { c server show "$1" -f json | jq -r '.status + " " + ."OS-EXT-AZ:availability_zone"'; }
nothing_left() {
  local kind left
  for kind in server volume network router port 'floating ip' 'security group' 'server group' image; do
    # shellcheck disable=SC2046,SC2086
    left=$(c $kind list $([ "$kind" != network ] || echo --internal) $([ "$kind" != image ] || echo --private) -f value | grep -v ' default ') || continue
    echo "still listed: $kind: $left"; return 1
  done
}

walk() {
  step apply tofu apply -input=false -auto-approve || return
  step no-changes no_changes
  for zone in "${ZONE[@]}"; do step "server-$zone" runs_in_its_zone "$zone"; done
  step import-networks imported openstack_networking_network_v2.network network
  step import-volumes imported openstack_blockstorage_volume_v3.data volume
  # The provider reads no tags and no options of its own when it imports: they are written once more.
  step nothing-made-after-import makes_nothing
  step after-import tofu apply -input=false -auto-approve
  step no-changes-after-import no_changes
  step change tofu apply -input=false -auto-approve -var revision=2
  step no-changes-after-change no_changes -var revision=2
  step replaced-server tofu apply -input=false -auto-approve -var revision=2 \
    -replace="openstack_compute_instance_v2.server[\"${ZONE[1]}\"]"
  step no-changes-after-replacement no_changes -var revision=2
}

tidy() {
  step destroy tofu destroy -input=false -auto-approve -var revision=2
  OPTIONS=(--os-username "$tag" --os-password "$tag" --os-project-name "$tag")
  step nothing-left nothing_left
  OPTIONS=()
  step flavor-delete c flavor delete "$flavor"
  step user-delete c user delete "$user"
  step project-delete c project delete "$project"
}

networks='' home=''
prepare
OPTIONS=(--os-username "$tag" --os-password "$tag" --os-project-name "$tag")
step home home_of_project
OPTIONS=()
configure
step provider tofu providers
walk
tidy
exit "$failures"
