-- Flavors, hypervisors and zones in nova_api. In: @cells.
-- A zone is an aggregate, as site-000 … site-099; it has a hundred hosts, site-000-compute-00 …, of one cell.
insert into flavors (created_at, id, flavorid, name, memory_mb, vcpus, swap, vcpu_weight, rxtx_factor, root_gb, ephemeral_gb, disabled, is_public)
select '2026-01-01', seq + 1, seq + 1, concat('m1.size', seq), 2048 << seq % 5, 1 << seq % 5, 0, 0, 1, 10 + seq, 0, 0, 1
  from seq_0_to_9;

insert into aggregates (created_at, id, uuid, name)
select '2026-01-01', seq + 1, uuid(), concat('site-', lpad(seq, 3, '0')) from seq_0_to_99;
insert into aggregate_metadata (created_at, aggregate_id, `key`, value)
select '2026-01-01', id, 'availability_zone', name from aggregates;
insert into aggregate_hosts (created_at, aggregate_id, host)
select '2026-01-01', a.id, concat(a.name, '-compute-', lpad(h.seq, 2, '0')) from aggregates a join seq_0_to_99 h;
insert into host_mappings (created_at, cell_id, host)
select '2026-01-01', c.id, h.host
  from aggregate_hosts h join cell_mappings c on c.name = concat('cell', (h.aggregate_id - 1) % @cells + 1);
