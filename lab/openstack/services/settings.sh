# shellcheck shell=bash disable=SC2034  # the other parts use these
# Where things live, what may be chosen, and which port everything has.
# Sourced by lab.sh, never run.

# ---- paths --------------------------------------------------------------------
T=${LAB_DIR:-/var/tmp/cascade-lab}    # all run-time state
RUN=$T/run                            # pid files
CACHE=$T/cache                        # schema dumps and virtual environments of releases, reused by every site
INFRA=$T/infra                        # MariaDB, RabbitMQ, memcached

# ---- choices --------------------------------------------------------------------
# `up` keeps them in $T/settings, so that later commands see the same ones.
# shellcheck source=/dev/null
[ ! -f "$T/settings" ] || [ -n "${LAB_IGNORE_SETTINGS:-}" ] || . "$T/settings"
: "${LAB_SITES:=2}"          # how many sites
: "${LAB_KEYSTONE:=shared}"  # shared | federated (one Keystone per site)
: "${LAB_RELEASES:=}"       # sites that are not Zed: site2=2026.2
: "${LAB_COMPUTES:=1}"       # fake hypervisors (nova-compute processes) per site
: "${LAB_WITH:=}"            # what sites have besides: backup, consoles, external, dataplane
: "${LAB_DATAPLANE:=}"       # with dataplane: sites whose Neutron is not ML2/OVS: site2=ovn
: "${LAB_PASSWORD:=secret}"  # every password there is
: "${LAB_PORT_BASE:=10000}"  # site K's ports start at base + K*1000

IP=127.0.0.1
PW=$LAB_PASSWORD

# ---- ports ----------------------------------------------------------------------
# What the sites share sits at "site 0"; the last three digits follow the
# well-known OpenStack port where there is one (8774 -> K774).
port() { # port SITE SERVICE
  local off
  case $2 in
    mariadb) off=306;; epmd) off=369;; rabbit) off=672;; rabbit-dist) off=673;; memcached) off=211;;
    identity) off=500;; compute) off=774;; placement) off=778;;
    network) off=696;; image) off=292;; volume) off=776;; novnc) off=680;;
    orchestration) off=4;; cloudformation) off=0;; dashboard) off=81;; # Chromium refuses 10080
    *) die "port: unknown service $2";;
  esac
  echo $((LAB_PORT_BASE + $1 * 1000 + off))
}
url() { echo "http://$IP:$(port "$1" "$2")"; }

# Site K's Keystone: the shared one (site 0's port) or its own.
keystone_of() { if [ "$LAB_KEYSTONE" = federated ]; then echo "$1"; else echo 0; fi; }
auth_url()    { echo "$(url "$(keystone_of "$1")" identity)/v3"; }
region()      { if [ "$LAB_KEYSTONE" = federated ]; then echo RegionOne; else echo "child$1"; fi; }
with()        { case ",$LAB_WITH," in *",$1,"*) return 0;; *) return 1;; esac; }
all_sites()   { seq 1 "$LAB_SITES"; }

say()  { printf '[%s] %s\n' "$(date +%H:%M:%S)" "$*" >&2; }
die()  { printf 'lab: %s\n' "$*" >&2; exit 1; }
