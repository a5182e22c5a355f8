#!/usr/bin/env bash
# Prepares a Tempest workspace for any OpenStack endpoint: a site, or a cascade.
# The cloud is named by the usual OS_* variables, or by options:
#
#   tempest-conf.sh --out DIR [--openrc FILE] [--auth-url URL] [--username U]
#       [--password P] [--project P] [--region R] [--interface public|internal|admin]
#       [--prefix NAME] [--build-timeout SECONDS] [--zone ZONE] [--set SECTION.KEY=VALUE]...
#
# Then:  tempest-run.sh DIR REGEX...     (or plain `tempest run` inside DIR)
# shellcheck disable=SC1090  # openrc files are arguments
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out='' pass=() clients=${CLIENTS_BIN:-/usr/bin}
export OS_IDENTITY_API_VERSION=3
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2; shift 2;;
    --openrc) . "$2"; shift 2;;
    --auth-url) export OS_AUTH_URL=$2; shift 2;;
    --username) export OS_USERNAME=$2; shift 2;;
    --password) export OS_PASSWORD=$2; shift 2;;
    --project) export OS_PROJECT_NAME=$2; shift 2;;
    --region) export OS_REGION_NAME=$2; shift 2;;
    --interface) export OS_INTERFACE=$2; shift 2;;
    --prefix|--build-timeout|--zone|--volume-vendor|--volume-protocol|--set) pass+=("$1" "$2"); shift 2;;
    *) sed -n '2,/^# shellcheck/{/^# shellcheck/d;s/^# \{0,1\}//;p}' "$0"; exit 2;;
  esac
done
[[ -n $out && -n ${OS_AUTH_URL:-} ]] || { echo "tempest-conf.sh: --out and an auth URL are needed (try --help)" >&2; exit 2; }
: "${OS_USER_DOMAIN_ID:=default}" "${OS_PROJECT_DOMAIN_ID:=default}"
export OS_USER_DOMAIN_ID OS_PROJECT_DOMAIN_ID
mkdir -p "$out/lock"; out=$(cd "$out" && pwd)
"$clients/python3" "$HERE/tempest_conf.py" --out "$out" "${pass[@]}"
# A stestr workspace: tests are grouped by class, as Tempest's fixtures need.
cat >"$out/.stestr.conf" <<C
[DEFAULT]
test_path=$("$clients/python3" -c 'import os, tempest; print(os.path.join(os.path.dirname(tempest.__file__), "test_discover"))')
top_dir=$("$clients/python3" -c 'import os, tempest; print(os.path.dirname(os.path.dirname(tempest.__file__)))')
group_regex=([^\.]*\.)*
C
echo "$out/etc/tempest.conf"
