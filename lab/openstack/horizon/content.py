"""Something to see on every page: one of each kind, and per zone what lives in a zone."""
import time


class Content:
    """Makes things with openstacksdk, and removes them in the opposite order."""

    def __init__(self, cloud, tag):
        self.cloud, self.tag, self.undo = cloud, tag, []

    def make(self, create, delete, **fields):
        thing = create(**fields)
        self.undo.append((delete, thing))
        return thing

    def everywhere(self):
        c, tag = self.cloud, self.tag
        # One of the same name is deleted before: what Nova remembers of it must not be taken for this one.
        c.compute.delete_flavor(c.compute.create_flavor(name=tag, ram=32, vcpus=1, disk=1))
        self.flavor = self.make(c.compute.create_flavor, c.compute.delete_flavor,
                                name=tag, ram=64, vcpus=1, disk=1)
        c.compute.create_flavor_extra_specs(self.flavor, {'%s:spec' % tag: 'yes'})
        self.keypair = self.make(c.compute.create_keypair, c.compute.delete_keypair, name=tag)
        self.make(c.compute.create_server_group, c.compute.delete_server_group,
                  name=tag, policy='soft-anti-affinity')
        self.make(c.block_storage.create_type, c.block_storage.delete_type, name=tag)
        self.group = self.make(c.network.create_security_group, c.network.delete_security_group,
                               name=tag, description='of a test')
        self.make(c.network.create_qos_policy, c.network.delete_qos_policy, name=tag)
        self.make(c.identity.create_group, c.identity.delete_group, name=tag, domain_id='default')

    def in_zone(self, zone, number):
        c, name = self.cloud, '%s-%s' % (self.tag, zone)
        image = self.make(c.image.create_image, c.image.delete_image, name=name, data=b'\0' * 4096,
                          disk_format='raw', container_format='bare')
        network = self.make(c.network.create_network, c.network.delete_network,
                            name=name, availability_zone_hints=[zone])
        subnet = self.make(c.network.create_subnet, c.network.delete_subnet, name=name,
                           network_id=network.id, ip_version=4, cidr='10.91.%d.0/24' % number)
        router = self.make(c.network.create_router, c.network.delete_router,
                           name=name, availability_zone_hints=[zone])
        port = {'subnet_id': subnet.id}
        c.network.add_interface_to_router(router, **port)
        self.undo.append((lambda one: c.network.remove_interface_from_router(one, **port), router))
        volume = self.make(c.block_storage.create_volume, c.block_storage.delete_volume,
                           name=name, size=1, availability_zone=zone)
        server = self.make(c.compute.create_server, self.delete_server, name=name, flavor_id=self.flavor.id,
                           image_id=image.id, networks=[{'uuid': network.id}], availability_zone=zone,
                           key_name=self.keypair.name)
        c.compute.wait_for_server(server, wait=180)
        c.block_storage.wait_for_status(volume, 'available', wait=120)
        snapshot = self.make(c.block_storage.create_snapshot, self.delete_snapshot,
                             name=name, volume_id=volume.id)
        c.block_storage.wait_for_status(snapshot, 'available', wait=120)
        return {'image': image, 'network': network, 'server': server, 'volume': volume}

    def delete_server(self, server):
        self.cloud.compute.delete_server(server)
        self.cloud.compute.wait_for_delete(server, wait=120)

    def delete_snapshot(self, snapshot):
        self.cloud.block_storage.delete_snapshot(snapshot)
        self.cloud.block_storage.wait_for_delete(snapshot, wait=120)

    def remove(self):
        """Returns what could not be removed, as text."""
        left = []
        for delete, thing in reversed(self.undo):
            for attempt in range(5):
                try:
                    delete(thing)
                    break
                except Exception as error:  # whatever a service says; the next attempt may do
                    if attempt == 4:
                        left.append('%s: %s' % (thing, error))
                    time.sleep(2)
        return left
