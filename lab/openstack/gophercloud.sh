#!/usr/bin/env bash
# gophercloud's own acceptance tests against any endpoint: a site, or a cascade.
#
#   gophercloud.sh OUT OPENRC EXTERNAL_NETWORK [LIST_FILE]
#
# As an administrator in a project of its own, with a network of the external network's zone.  A list file has a
# `PACKAGE TEST` a line, as compute_v2 TestKeyPairsParse; without one all tests are run.  Needs `install.sh gophercloud`.
# Results, of the same form: OUT/pass.txt, OUT/fail.txt, OUT/skip.txt; OUT/PACKAGE.log has the words.
set -uo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -ge 3 ] || { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2; }
out=$1 external=$3 list=${4:-}
# shellcheck source=services/settings.sh
. "$HERE/services/settings.sh"
# shellcheck source=go/build.sh
. "$HERE/go/build.sh"
set -- "$2"
# shellcheck source=steps.sh
. "$HERE/steps.sh"
tag=gophercloud-$$-$RANDOM
mkdir -p "$out"; out=$(cd "$out" && pwd)

# ==== what the tests need ===============================================================

prepare() {
  local zones
  create project project create --domain default "$tag" && project=$made
  c role add --project "$project" --user admin admin
  OPTIONS=(--os-project-name "$tag")
  external_id=$(c network show "$external" -f value -c id)
  zones=$(c network show "$external" -f json -c availability_zones | jq -r '.availability_zones[0] // empty')
  create flavor flavor create --vcpus 1 --ram 64 --disk 1 "$tag-1"; small=$made
  create flavor-2 flavor create --vcpus 1 --ram 128 --disk 1 "$tag-2"; large=$made
  create network network create ${zones:+--availability-zone-hint "$zones"} "$tag"; network=$made
  create subnet subnet create --network "$tag" --subnet-range 10.61.0.0/24 "$tag"; subnet=$made
  head -c 1048576 /dev/zero >"$W/image"
  create image image create --disk-format raw --container-format bare --file "$W/image" "$tag"; image=$made
}
tidy() {
  c network delete "$network"; c image delete "$image"
  OPTIONS=()
  c flavor delete "$small" "$large"; c project delete "$project"
} >/dev/null 2>&1

# ==== the tests =========================================================================

packages() {
  if [ -n "$list" ]; then cut -d' ' -f1 "$list" | sort -u; else (cd "$GOPHERCLOUD" && printf '%s\n' *.test | sed 's/\.test$//'); fi
}
run_package() { # run_package NAME
  # Only what is listed: a test that panics ends its package.
  local wanted=; [ -z "$list" ] || wanted=$(sed -n "s/^$1 //p" "$list" | paste -sd '|')
  (cd "$W" && OS_REGION_NAME=$REGION OS_PROJECT_NAME=$tag OS_IMAGE_ID=$image OS_FLAVOR_ID=$small OS_FLAVOR_ID_RESIZE=$large OS_NETWORK_NAME=$tag \
    OS_NETWORK_ID=$network OS_SUBNET_ID=$subnet OS_POOL_NAME=$external OS_EXTGW_ID=$external_id OS_BRANCH=stable/2026.2 OS_DOMAIN_ID=default \
    timeout "${GOPHERCLOUD_SECONDS:-1800}" "$GOPHERCLOUD/$1.test" -test.v -test.parallel 1 -test.timeout 0 ${wanted:+-test.run "^($wanted)\$"} >"$out/$1.log" 2>&1)
  sed -n "s/^--- PASS: \([^ ]*\) .*/$1 \1/p" "$out/$1.log" >>"$out/pass.txt"
  sed -n "s/^--- FAIL: \([^ ]*\) .*/$1 \1/p" "$out/$1.log" >>"$out/fail.txt"
  sed -n "s/^--- SKIP: \([^ ]*\) .*/$1 \1/p" "$out/$1.log" >>"$out/skip.txt"
  ! grep -q '^panic: \|^fatal error: ' "$out/$1.log" || echo "$1 (panic)" >>"$out/fail.txt"
}

rm -f "$out"/{pass,fail,skip}.txt; touch "$out"/{pass,fail,skip}.txt
prepare
for package in $(packages); do run_package "$package"; done
tidy
wc -l "$out"/{pass,fail,skip}.txt | head -3
[ ! -s "$out/fail.txt" ]
