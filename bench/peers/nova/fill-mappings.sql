-- Which cell each server is in, with its project and user. In: @cells, @rows (servers of one cell).
insert into instance_mappings (created_at, instance_uuid, cell_id, project_id, queued_for_delete, user_id)
select '2026-01-01' + interval 20 * (n.seq div 2) second,
       insert(insert(insert(insert(md5(concat('server-', n.seq)), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-'),
       c.id, md5(concat('project-', n.seq % 1000)), 0, md5(concat('user-', n.seq % 1000))
  from seq_0_to_999999 n join cell_mappings c on c.name = concat('cell', n.seq div 1000 % @cells + 1)
 where n.seq < @rows * @cells
 order by n.seq;
analyze table instance_mappings, cell_mappings, host_mappings, flavors, aggregates, aggregate_hosts, aggregate_metadata;
