#!/usr/bin/env bash
# Fills a lab site's Nova with copies of one server, row by row in its database: a thousand servers in seconds, where
# building them takes this machine half an hour. Nova lists and shows them like any other; nova-compute knows nothing of them.
#
#   bench/clone-servers.sh SITE(1..9) SERVER_ID COUNT
#   bench/clone-servers.sh SITE remove
set -euo pipefail
LAB=${LAB_DIR:-/var/tmp/cascade-lab}
site=$1
sql() { mariadb --no-defaults -N -S "$LAB/infra/mariadb/sock" -u root "$@"; }
DB=c${site}_nova API=c${site}_nova_api
# What makes a server in Nova: the table, and the column that names the server in it.
tables=("$DB.instances:uuid" "$DB.instance_extra:instance_uuid" "$DB.instance_info_caches:instance_uuid"
  "$DB.instance_system_metadata:instance_uuid" "$DB.block_device_mapping:instance_uuid" "$API.instance_mappings:instance_uuid")

if [ "$2" = remove ]; then
  for entry in "${tables[@]}"; do
    sql -e "SET foreign_key_checks=0; DELETE FROM ${entry%%:*} WHERE ${entry##*:} LIKE 'be9c4000-%'"
  done
  exit
fi
server=$2 count=$3
columns() { # columns TABLE COLUMN : all but the counter, the server's own column and what must be unique
  sql -e "SELECT GROUP_CONCAT(CONCAT('\`', column_name, '\`')) FROM information_schema.columns
          WHERE CONCAT(table_schema, '.', table_name) = '$1' AND column_name NOT IN ('id', '$2', 'uuid')"
}
for entry in "${tables[@]}"; do
  table=${entry%%:*} column=${entry##*:} names=$(columns "${entry%%:*}" "${entry##*:}")
  sql -e "SET foreign_key_checks=0;
          INSERT INTO $table ($column, $names)
          SELECT CONCAT('be9c4000-0000-4000-8000-', LPAD(n.seq, 12, '0')), $names
            FROM $table JOIN $DB.seq_1_to_$count n WHERE $table.$column = '$server'"
done
# On a host of no nova-compute: one that had them would look after their power states, and write to each of them.
sql -e "UPDATE $DB.instances SET display_name = CONCAT('bench-', RIGHT(uuid, 12)), host = 'clones', node = 'clones', launched_on = 'clones',
          updated_at = UTC_TIMESTAMP() WHERE uuid LIKE 'be9c4000-%'"
echo "$count servers"
