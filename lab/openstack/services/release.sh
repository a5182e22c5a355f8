# shellcheck shell=bash disable=SC2034  # the other parts use these
# Which release of OpenStack each site has. releases/NAME.sh tells where a release's programs and files are and how its
# APIs start; all else is the same for every one. Keystone, which sites share, is Zed's.
# Sourced by lab.sh after settings.sh, and by install.sh; never run.

release_of() { # release_of K
  local pair
  for pair in ${LAB_RELEASES//,/ }; do
    if [ "${pair%%=*}" = "site$1" ]; then echo "${pair#*=}"; return; fi
  done
  echo zed
}
releases_in_use() { { echo zed; for k in $(all_sites); do release_of "$k"; done; } | awk '!seen[$0]++'; }

known_releases() { local f; for f in "$HERE"/releases/*.sh; do basename "$f" .sh; done; }
is_release() { [[ $1 != */* && -f $HERE/releases/$1.sh ]]; }

# A release's virtual environment is of exactly these versions.
venv_of() { echo "$CACHE/venv-$1-$(sha256sum <"$HERE/releases/$1.txt" | cut -c1-16)"; }

use_release() { # use_release NAME : its paths and functions, until another is used
  # shellcheck source=/dev/null
  . "$HERE/releases/$1.sh"
}

# `site2=2026.2`, as --release has it; the last word on a site counts.
add_release() { # add_release SITE=NAME
  [[ $1 =~ ^site[1-9]=.+$ ]] || die "--release siteK=NAME"
  is_release "${1#*=}" || die "no release ${1#*=} (know: $(known_releases | xargs))"
  LAB_RELEASES=$1${LAB_RELEASES:+,$LAB_RELEASES}
}
check_releases() {
  local r
  for r in $(releases_in_use); do
    is_release "$r" || die "no release $r (know: $(known_releases | xargs))"
    use_release "$r"
    release_installed || die "release $r is missing: run install.sh $r"
  done
}
