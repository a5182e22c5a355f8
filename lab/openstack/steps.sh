# shellcheck shell=bash disable=SC2034
# The openstack client in one warm process, and steps that print a line each and go on.
# Sourced by walk.sh and volume-life.sh after HERE is set; `$1` is the openrc file.

W=$(mktemp -d)
trap 'rm -rf "$W"' EXIT
failures=0

# ==== the client ====================================================================

# shellcheck source=/dev/null
. "$1"
# A region in the environment is the only one that newer clients take, whatever the command line says.
REGION=$OS_REGION_NAME; unset OS_REGION_NAME
coproc CLIENT { PYTHONWARNINGS=ignore exec "${CLIENTS_BIN:-/usr/bin}/python3" "$HERE/client.py"; }
# A coprocess's own descriptors are closed in subshells; copies are not.
exec 8>&"${CLIENT[1]}" 9<&"${CLIENT[0]}"

OPTIONS=() # before every command
c() { # c ARGUMENTS... : one command of the openstack client
  local IFS=$'\x1f' rc
  set -- --os-region-name "$REGION" "${OPTIONS[@]}" "$@"
  printf '%s\n' "$W/stdout$IFS$W/stderr$IFS$*" >&8
  read -r rc <&9 || { echo 'the client is gone'; return 1; }
  cat "$W/stdout"; cat "$W/stderr" >&2
  return "$rc"
}

# ==== steps =========================================================================

now_ms() { echo $((${EPOCHREALTIME/[^0-9]/} / 1000)); }

step() { # step LABEL COMMAND... : runs it, prints one line, goes on
  local label=$1 started ms; shift
  started=$(now_ms)
  if "$@" >"$W/out" 2>"$W/err"; then
    ms=$(($(now_ms) - started))
    printf 'ok  %s %d.%01d\n' "$label" $((ms / 1000)) $((ms % 1000 / 100))
  else
    failures=$((failures + 1))
    printf 'FAIL %s: %s\n' "$label" "$(cat "$W/out" "$W/err" | tr -s '\n ' ' ' | tail -c 600)"
    return 1
  fi
}
made=''
create() { # create LABEL ARGUMENTS... : a `create` command; its id lands in $made
  made=''
  local label=$1; shift
  step "$label" c "$@" -f value -c id && made=$(tail -n 1 "$W/out")
}

polling() { # polling SECONDS CHECK... : until the check succeeds
  local end=$(($(now_ms) + $1 * 1000)); shift
  until "$@"; do
    [ "$(now_ms)" -lt "$end" ] || return 1
    sleep 0.3
  done
}
becomes() { # becomes STATUS KIND ID
  local end=$(($(now_ms) + 180000)) got=''
  while [ "$(now_ms)" -lt "$end" ]; do
    # shellcheck disable=SC2086  # a kind may be two words
    got=$(c $2 show "$3" -f value -c status) || return 1
    [ "$got" != "$1" ] || return 0
    case $got in ERROR|error*) break;; esac
    sleep 0.3
  done
  echo "is '$got', wanted '$1'"; return 1
}
# shellcheck disable=SC2086
is_gone() { ! c $1 show "$2" >/dev/null 2>&1; }
gone() { # gone KIND ID
  polling 60 is_gone "$1" "$2" || { echo "still there"; return 1; }
}
prints() { # prints WANTED COMMAND... : its output is just that
  local want=$1 got; shift
  got=$("$@") || return 1
  [ "$got" = "$want" ] || { echo "is '$got', wanted '$want'"; return 1; }
}
