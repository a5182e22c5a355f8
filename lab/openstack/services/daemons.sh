# shellcheck shell=bash
# Starting, signalling and stopping daemons; waiting for them.
# Sourced by lab.sh after settings.sh, never run.
#
# Each daemon leads its own session and process group; its pid file holds the
# leader's pid and start time (from /proc), so that a recycled pid is never taken
# for ours.  Every process also carries CASCADE_LAB=<state directory> in its
# environment: that is how those are found whose pid file was lost.

pidfile() { echo "$RUN/$1.pid"; }
born() { # born PID -> its start time in clock ticks
  local stat fields
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -ra fields <<<"${stat##*) }"
  echo "${fields[19]}"
}
pid_of() { # pid_of NAME -> pid, if that very process is still there
  local pid started
  [ -f "$(pidfile "$1")" ] || return 1
  read -r pid started <"$(pidfile "$1")" || return 1
  [ -n "$started" ] && [ "$(born "$pid")" = "$started" ] && echo "$pid"
}
running() { # running NAME : alive and no zombie
  local pid; pid=$(pid_of "$1") && ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null
}
names() { # names PREFIX -> names with a pid file
  local f; for f in "$RUN/$1"*.pid; do [ ! -e "$f" ] || basename "$f" .pid; done
}

start() { # start NAME LOGFILE CMD...
  local name=$1 log=$2 pid; shift 2
  ! running "$name" || return 0
  mkdir -p "$RUN" "$(dirname "$log")"
  CASCADE_LAB=$T setsid "$@" >>"$log" 2>&1 </dev/null &
  pid=$!
  echo "$pid $(born $pid)" >"$(pidfile "$name")"
}
signal() { # signal NAME SIGNAL -> to the whole process group
  local pid; pid=$(pid_of "$1") && kill "-$2" -- "-$pid" 2>/dev/null
}
signal_all() { # signal_all SIGNAL NAME...
  local sig=$1 n; shift
  for n in "$@"; do signal "$n" "$sig" || true; done
}
stop() { # stop NAME... : TERM to all, wait up to 15 s, then KILL the rest
  local n i left=("$@") still
  # A frozen process acts on TERM only once it goes on.
  signal_all TERM "$@"; signal_all CONT "$@"
  for ((i = 0; i < 60; i++)); do
    still=(); for n in "${left[@]}"; do if running "$n"; then still+=("$n"); fi; done
    left=("${still[@]}"); [ ${#left[@]} -gt 0 ] || break
    sleep 0.25
  done
  kill_hard "${left[@]}"
  for n in "$@"; do rm -f "$(pidfile "$n")"; done
}
kill_hard() { # kill_hard NAME... : KILL at once
  local n
  signal_all KILL "$@"
  for n in "$@"; do rm -f "$(pidfile "$n")"; done
}
strays() { # strays -> pids that carry this lab's mark
  local p
  for p in /proc/[0-9]*; do
    ! grep -zqxF "CASCADE_LAB=$T" "$p/environ" 2>/dev/null || echo "${p#/proc/}"
  done
}
kill_strays() {
  local pid
  for pid in $(strays); do kill -KILL "$pid" 2>/dev/null || true; done
}

memory_mb() { # memory_mb NAME -> proportional memory (PSS) of its session, MB
  local pid q kb total=0
  pid=$(pid_of "$1") || { echo 0; return; }
  for q in $(ps -o pid= --sid "$pid" 2>/dev/null); do
    kb=$(awk '/^Pss:/{print $2}' "/proc/$q/smaps_rollup" 2>/dev/null) || kb=0
    total=$((total + ${kb:-0}))
  done
  echo $((total / 1024))
}

port_open() { (exec 3<>"/dev/tcp/$IP/$1") 2>/dev/null; }
wait_port() { # wait_port PORT SECONDS NAME
  local i; for ((i = 0; i < $2 * 4; i++)); do
    ! port_open "$1" || return 0
    running "$3" || die "$3 died; see its log under $T"
    sleep 0.25
  done; die "$3 did not open port $1 within $2 s"
}
wait_http() { # wait_http URL SECONDS NAME : any HTTP answer below 500 will do
  local i code; for ((i = 0; i < $2 * 2; i++)); do
    code=$(curl -s -o /dev/null -m 20 -w '%{http_code}' "$1" 2>/dev/null || true)
    [ "${code:-000}" = 000 ] || [ "$code" -ge 500 ] || return 0
    running "$3" || die "$3 died; see its log under $T"
    sleep 0.5
  done; die "$3 did not answer at $1 within $2 s"
}
