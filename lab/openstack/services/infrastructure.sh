# shellcheck shell=bash
# MariaDB, RabbitMQ and memcached, which all sites share; databases and their schemas.
# Sourced by lab.sh, never run.

start_mariadb() { # start_mariadb [OPTION...] : the last word on an option wins
  local d=$INFRA/mariadb
  mkdir -p "$d/tmp"
  if [ ! -f "$d/installed" ]; then
    rm -rf "$d/data"
    mariadb-install-db --no-defaults --user=root --datadir="$d/data" \
      --auth-root-authentication-method=normal --skip-test-db >"$d/install.log" 2>&1 || die "see $d/install.log"
    touch "$d/installed"
  fi
  # Durability is traded for speed: a lab may lose its last second.
  start mariadb "$d/log" mariadbd --no-defaults --user=root --datadir="$d/data" \
    --socket="$d/sock" --pid-file="$d/mariadbd.pid" --tmpdir="$d/tmp" \
    --bind-address="$IP" --port="$(port 0 mariadb)" --skip-name-resolve --skip-log-bin \
    --max-connections=1500 --innodb-buffer-pool-size=384M --innodb-log-file-size=64M \
    --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=0 --performance-schema=0 \
    --innodb-file-per-table=0 --character-set-server=utf8mb3 --collation-server=utf8mb3_general_ci \
    --table-open-cache=4000 --open-files-limit=8192 "$@"
  wait_port "$(port 0 mariadb)" 60 mariadb
  sql -e "CREATE USER IF NOT EXISTS openstack@'%' IDENTIFIED BY '$PW';
          GRANT ALL ON *.* TO openstack@'%'; FLUSH PRIVILEGES"
}

start_rabbit() {
  local d=$INFRA/rabbit k vhosts='' perms=''
  mkdir -p "$d/home" "$d/mnesia" "$d/log"
  # One virtual host per site (room for nine) and one for Heat, made when the broker boots.
  for k in site{1..9} heat; do
    vhosts+="${vhosts:+,}{\"name\":\"$k\"}"
    perms+="${perms:+,}{\"user\":\"openstack\",\"vhost\":\"$k\",\"configure\":\".*\",\"write\":\".*\",\"read\":\".*\"}"
  done
  printf '{"users":[{"name":"openstack","password":"%s","tags":"administrator"}],"vhosts":[%s],"permissions":[%s]}\n' \
    "$PW" "$vhosts" "$perms" >"$d/definitions.json"
  cat >"$d/rabbitmq.conf" <<C
listeners.tcp.1 = $IP:$(port 0 rabbit)
load_definitions = $d/definitions.json
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
log.console = true
log.console.level = warning
log.file = false
C
  echo '[].' >"$d/enabled_plugins"
  start epmd "$d/log/epmd.log" epmd -port "$(port 0 epmd)" -address "$IP"
  sleep 0.2
  start rabbit "$d/log/rabbit.log" env HOME="$d/home" ERL_EPMD_PORT="$(port 0 epmd)" \
    ERL_EPMD_ADDRESS="$IP" RABBITMQ_NODENAME=cascade-lab@localhost RABBITMQ_CONF_ENV_FILE=/dev/null \
    RABBITMQ_CONFIG_FILE="$d/rabbitmq.conf" RABBITMQ_DIST_PORT="$(port 0 rabbit-dist)" \
    RABBITMQ_MNESIA_BASE="$d/mnesia" RABBITMQ_LOG_BASE="$d/log" RABBITMQ_LOGS=- \
    RABBITMQ_ENABLED_PLUGINS_FILE="$d/enabled_plugins" RABBITMQ_PID_FILE="$d/rabbit.pid" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}' \
    /usr/lib/rabbitmq/bin/rabbitmq-server
  wait_port "$(port 0 rabbit)" 90 rabbit
}

start_infrastructure() {
  start memcached "$INFRA/memcached.log" memcached -u root -l "$IP" -p "$(port 0 memcached)" -m 64 -c 4096 -t 2
  start_rabbit & local rabbit=$!
  start_mariadb
  wait "$rabbit" || die "rabbit did not start"
}

sql() { mariadb --no-defaults -S "$INFRA/mariadb/sock" -u root "$@"; }
db_url() { echo "mysql+pymysql://openstack:$PW@$IP:$(port 0 mariadb)/$1?charset=utf8"; }

# ---- schemas ----------------------------------------------------------------------
# Migrating every schema takes about a minute, so it is done once per set of
# package versions, dumped, and the dump is loaded for each site.  The migration
# uses databases and a configuration of its own ("site 99").

DATABASES="keystone placement glance cinder neutron nova nova_cell0 nova_api"
declare -A SCHEMAS # by release: the directory of its dumps

schema_key() { # schema_key RELEASE
  use_release "$1"
  { release_versions; echo "format 1"; } | sha256sum | cut -c1-16
}
# What the databases of this lab are of: a site's must not be read by another release, nor by another network back end.
schema_keys() {
  local k r
  schema_key zed
  for k in $(all_sites); do
    r=$(release_of "$k")
    [ "$r" = zed ] || echo "site$k $(schema_key "$r")"
    backend_key "$k"
  done
}

make_schemas() { # make_schemas RELEASE
  local db dir started=$SECONDS
  dir=$CACHE/schema-$(schema_key "$1")
  SCHEMAS[$1]=$dir
  [ ! -f "$dir/done" ] || return 0
  say "migrating database schemas of $1 (once; cached in $dir)"
  rm -rf "$dir"; mkdir -p "$dir" "$T/log"
  for db in $DATABASES; do sql -e "DROP DATABASE IF EXISTS c99_$db; CREATE DATABASE c99_$db"; done
  conf_keystone 99; conf_site 99 "$1"
  migrate_schemas "$T/site99"
  for db in $DATABASES; do
    mariadb-dump --no-defaults -S "$INFRA/mariadb/sock" -u root "c99_$db" >"$dir/$db.sql"
    sql -e "DROP DATABASE c99_$db"
  done
  rm -rf "$T/site99" "$T/keystone99"
  touch "$dir/done"
  say "schemas done in $((SECONDS - started)) s"
}

migrate_schemas() { # migrate_schemas CONFIGURATION_DIRECTORY : of databases that are empty
  local c=$1
  keystone-manage --config-file "$T/keystone99/keystone.conf" db_sync >"$T/log/schema-keystone.log" 2>&1 ||
    die "a schema migration failed; see $T/log/schema-keystone.log"
  migrate_databases "$c" new
  "$BIN/glance-manage" --config-file "$c/glance.conf" db_load_metadefs "$ETC/glance/metadefs" >>"$T/log/schema-glance.log" 2>&1 ||
    die "no metadata definitions; see $T/log/schema-glance.log"
}

# To the release that is in use; schemas first, then what rows have to become.
migrate_databases() { # migrate_databases CONFIGURATION_DIRECTORY new|upgraded
  local c=$1 state=$2 jobs=() job service
  mkdir -p "$T/log"
  for service in placement glance neutron cinder nova; do
    "migrate_$service" "$c" "$state" >"$T/log/schema-$service.log" 2>&1 & jobs+=($!)
  done
  for job in "${jobs[@]}"; do wait "$job" || die "a schema migration failed; see $T/log/schema-*.log"; done
}
migrate_placement() ( # in a subshell, as the next ones
  set -e; export OS_PLACEMENT_CONFIG_DIR=$1/placement
  "$BIN/placement-manage" --config-dir "$1/placement" db sync
  [ "$2" = new ] || "$BIN/placement-manage" --config-dir "$1/placement" db online_data_migrations
)
migrate_glance()  { "$BIN/glance-manage" --config-file "$1/glance.conf" db_sync; }
migrate_neutron() { "$BIN/neutron-db-manage" --config-file "$1/neutron.conf" upgrade heads; }
migrate_cinder() (
  set -e
  "$BIN/cinder-manage" --config-file "$1/cinder.conf" db sync
  [ "$2" = new ] || "$BIN/cinder-manage" --config-file "$1/cinder.conf" db online_data_migrations
)
# Cell mappings are stored as templates, so the dump fits any site.
migrate_nova() (
  set -e; template='{scheme}://{username}:{password}@{hostname}:{port}/{path}'
  nova_manage() { "$BIN/nova-manage" --config-file "$c/nova.conf" "$@"; }
  c=$1
  nova_manage api_db sync
  [ "$2" != new ] || nova_manage cell_v2 map_cell0 --database_connection "${template}_cell0?{query}"
  nova_manage db sync
  if [ "$2" = new ]; then
    nova_manage cell_v2 create_cell --name cell1 --transport-url "$template" --database_connection "$template?{query}"
  else
    nova_manage db online_data_migrations
  fi
)

make_db() { # make_db NAME SCHEMA RELEASE : from the cache, unless it was loaded to its end before
  local loaded=$INFRA/mariadb/loaded-$1
  [ ! -f "$loaded" ] || return 0
  { echo "SET SESSION foreign_key_checks=0; DROP DATABASE IF EXISTS $1; CREATE DATABASE $1; USE $1;"
    cat "${SCHEMAS[$3]}/$2.sql"; } | sql
  touch "$loaded"
}
