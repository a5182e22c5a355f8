-- The servers of one cell, as nova itself stores servers (26.2; the columns were compared with servers built through its
-- API), numbered and spread as in bench/population.ts, with the contents of bench/server-body.ts. In: @cell (1 …), @cells, @rows (a multiple of 1000).
set session foreign_key_checks = 0, unique_checks = 0;

-- Server n is one of project p; its thousands k give it a site, of which every tenth is in this cell.
create temporary table numbered as
select n, p, k, k % 100 as site, (k div 10 + p) % 10 as flavor, (k div 7 + p) % 20 as image,
       (k * 37 + k div 100 * 13 + p * 11) % 100 as dice,
       cast('2026-01-01' as datetime) + interval 20 * (n div 2) second as created
  from (select (@cell - 1 + @cells * (seq div 1000)) * 1000 + seq % 1000 as n, seq % 1000 as p,
               @cell - 1 + @cells * (seq div 1000) as k
          from seq_0_to_99999 where seq < @rows) s;

create temporary table server (primary key (n)) as
select n, p, site, flavor, 1 << flavor % 5 as vcpus, created, md5(concat('project-', p)) as project_id, md5(concat('user-', p)) as user_id,
       insert(insert(insert(insert(md5(concat('server-', n)), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-') as uuid,
       insert(insert(insert(insert(md5(concat('port-', n)), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-') as port,
       insert(insert(insert(insert(md5(concat('image-', image)), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-') as image_id,
       insert(insert(insert(insert(md5(concat('network-', p)), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-') as network,
       concat('fa:16:', insert(insert(insert(lower(lpad(hex(n), 8, '0')), 7, 0, ':'), 5, 0, ':'), 3, 0, ':')) as mac,
       concat('10.', n >> 16 & 255, '.', n >> 8 & 255, '.', n & 255) as ip,
       concat(elt(1 + (k div 3 + p) % 5, 'web', 'db', 'app', 'cache', 'worker'), '-', lpad(n, 7, '0')) as name,
       concat('site-', lpad(site, 3, '0')) as zone,
       concat('site-', lpad(site, 3, '0'), '-compute-', lpad(p div 10, 2, '0')) as host,
       case when dice = 0 then 'error' when dice < 5 then 'stopped' when dice = 5 then 'paused' else 'active' end as vm_state,
       case when dice = 0 then 0 when dice < 5 then 4 when dice = 5 then 3 else 1 end as power_state,
       if(dice = 50, cast('2026-06-01' as datetime) + interval n second, created + interval 60 second) as updated
  from numbered;

insert into services (created_at, updated_at, host, `binary`, topic, report_count, disabled, deleted, last_seen_up, forced_down, version, uuid)
select '2026-01-01', utc_timestamp(), concat('site-', lpad(s.seq, 3, '0'), '-compute-', lpad(h.seq, 2, '0')),
       'nova-compute', 'compute', 1, 0, 0, utc_timestamp(), 0, 64, uuid()
  from seq_0_to_99 s join seq_0_to_99 h where s.seq % @cells = @cell - 1;

insert into instances (created_at, updated_at, user_id, project_id, image_ref, kernel_id, ramdisk_id, launch_index,
       key_name, power_state, vm_state, memory_mb, vcpus, hostname, host, node, launched_on, reservation_id, launched_at, display_name,
       display_description, availability_zone, locked, instance_type_id, uuid, root_device_name, config_drive, progress,
       auto_disk_config, shutdown_terminate, disable_terminate, root_gb, ephemeral_gb, deleted, cleaned, hidden)
select created, updated, user_id, project_id, image_id, '', '', 0,
       if(site % 2 = 0, 'deploy', null), power_state, vm_state, vcpus * 2048, vcpus, name, host, host, host, concat('r-', lower(lpad(hex(n), 8, '0'))),
       created, name, null, zone, 0, flavor + 1, uuid, '/dev/vda', '', 0,
       0, 0, 0, 10 + flavor, 0, 0, 0, 0
  from server order by n;

insert into instance_extra (created_at, updated_at, deleted, instance_uuid, pci_requests, flavor)
select created, updated, 0, uuid, '[]', concat(
         '{"cur": {"nova_object.name": "Flavor", "nova_object.namespace": "nova", "nova_object.version": "1.2", "nova_object.data": ',
         '{"id": ', flavor + 1, ', "name": "m1.size', flavor, '", "memory_mb": ', vcpus * 2048, ', "vcpus": ', vcpus,
         ', "root_gb": ', 10 + flavor, ', "ephemeral_gb": 0, "flavorid": "', flavor + 1,
         '", "swap": 0, "rxtx_factor": 1.0, "vcpu_weight": 0, "disabled": false, "is_public": true, "extra_specs": {}, ',
         '"description": null, "created_at": "2026-01-01T00:00:00Z", "updated_at": null, "deleted_at": null, "deleted": false}}, ',
         '"old": null, "new": null}')
  from server order by n;

insert into instance_info_caches (created_at, updated_at, deleted, instance_uuid, network_info)
select created, updated, 0, uuid, concat(
         '[{"id": "', port, '", "address": "', mac, '", "network": {"id": "', network, '", "bridge": "br-int", "label": "private", ',
         '"subnets": [{"cidr": "10.0.0.0/8", "dns": [], "gateway": {"address": "10.255.255.254", "type": "gateway", "version": 4, "meta": {}}, ',
         '"ips": [{"address": "', ip, '", "type": "fixed", "version": 4, "meta": {}, "floating_ips": []}], "routes": [], "version": 4, ',
         '"meta": {"dhcp_server": "10.255.255.253"}}], "meta": {"injected": false, "tenant_id": "', project_id,
         '", "mtu": 8950, "physical_network": null, "tunneled": true}}, "type": "ovs", "details": {"port_filter": true, ',
         '"connectivity": "l2", "bridge_name": "br-int", "datapath_type": "system", "bound_drivers": {"0": "openvswitch"}}, ',
         '"devname": "tap', left(port, 11), '", "ovs_interfaceid": "', port, '", "qbh_params": null, "qbg_params": null, ',
         '"active": true, "vnic_type": "normal", "profile": {}, "preserve_on_delete": false, "delegate_create": true, "meta": {}}]')
  from server order by n;

insert into block_device_mapping (created_at, updated_at, device_name, delete_on_termination, no_device, instance_uuid, deleted,
       source_type, destination_type, device_type, boot_index, image_id, uuid, encrypted)
select created, created, '/dev/vda', 1, 0, uuid, 0, 'image', 'local', 'disk', 0, image_id, port, 0
  from server order by n;

insert into instance_system_metadata (created_at, deleted, instance_uuid, `key`, value)
select created, 0, uuid,
       elt(m.seq, 'image_min_ram', 'image_min_disk', 'image_disk_format', 'image_container_format', 'image_base_image_ref',
                  'owner_user_name', 'owner_project_name', 'boot_roles'),
       elt(m.seq, '0', '1', 'qcow2', 'bare', image_id, concat('user-', p), concat('project-', p), 'member,reader')
  from server join seq_1_to_8 m order by n, m.seq;

insert into instance_faults (created_at, deleted, instance_uuid, code, message, details, host)
select updated, 0, uuid, 500, 'No valid host was found.', '', host
  from server where vm_state = 'error' order by n;

analyze table instances, instance_extra, instance_info_caches, block_device_mapping, instance_system_metadata,
               instance_faults, services;
