# What a tenant of two zones asks for: all of it in one configuration, and `revision` changes a part of each.

terraform {
  required_providers {
    openstack = { source = "terraform-provider-openstack/openstack" }
  }
}

# Everything else is in the environment (OS_AUTH_URL, OS_USERNAME, ...).
provider "openstack" {}

variable "name" {
  type        = string
  description = "begins every name"
}

variable "external" {
  type        = map(string)
  description = "by zone, the network that addresses from outside come from"
}

variable "home" {
  type        = string
  description = "the zone that things begin in where none is named"
}

variable "flavor" { type = string }
variable "image_file" { type = string }
variable "public_key" { type = string }

variable "revision" {
  type    = number
  default = 1
}

locals {
  zones = keys(var.external)
  octet = { for index, zone in local.zones : zone => index }
}

# ---- in all zones ------------------------------------------------------------

resource "openstack_compute_keypair_v2" "key" {
  name       = var.name
  public_key = var.public_key
}

resource "openstack_compute_servergroup_v2" "apart" {
  name     = var.name
  policies = ["soft-anti-affinity"]
}

resource "openstack_images_image_v2" "image" {
  name             = var.name
  local_file_path  = var.image_file
  container_format = "bare"
  disk_format      = "raw"
  tags             = ["revision-${var.revision}"]
  properties       = { os_distro = "cirros", revision = tostring(var.revision) }
}

# ---- a network in each zone -----------------------------------------------------

resource "openstack_networking_network_v2" "network" {
  for_each                = var.external
  name                    = "${var.name}-${each.key}"
  description             = "revision ${var.revision}"
  admin_state_up          = true
  availability_zone_hints = [each.key]
  tags                    = ["terraform"]
}

resource "openstack_networking_subnet_v2" "subnet" {
  for_each        = var.external
  name            = "${var.name}-${each.key}"
  network_id      = openstack_networking_network_v2.network[each.key].id
  cidr            = "10.60.${local.octet[each.key]}.0/24"
  dns_nameservers = var.revision == 1 ? ["203.0.113.1"] : ["203.0.113.1", "203.0.113.2"]

  allocation_pool {
    start = "10.60.${local.octet[each.key]}.10"
    end   = "10.60.${local.octet[each.key]}.99"
  }
}

resource "openstack_networking_router_v2" "router" {
  for_each                = var.external
  name                    = "${var.name}-${each.key}"
  external_network_id     = each.value
  availability_zone_hints = [each.key]
}

resource "openstack_networking_router_interface_v2" "leg" {
  for_each  = var.external
  router_id = openstack_networking_router_v2.router[each.key].id
  subnet_id = openstack_networking_subnet_v2.subnet[each.key].id
}

resource "openstack_networking_secgroup_v2" "web" {
  name        = "${var.name}-web"
  description = "revision ${var.revision}"
}

resource "openstack_networking_secgroup_rule_v2" "web" {
  for_each          = toset(var.revision == 1 ? ["80"] : ["80", "443"])
  direction         = "ingress"
  ethertype         = "IPv4"
  protocol          = "tcp"
  port_range_min    = each.key
  port_range_max    = each.key
  remote_ip_prefix  = "0.0.0.0/0"
  security_group_id = openstack_networking_secgroup_v2.web.id
}

resource "openstack_networking_port_v2" "port" {
  for_each           = var.external
  name               = "${var.name}-${each.key}"
  network_id         = openstack_networking_network_v2.network[each.key].id
  security_group_ids = each.key == var.home ? [openstack_networking_secgroup_v2.web.id] : null

  fixed_ip {
    subnet_id  = openstack_networking_subnet_v2.subnet[each.key].id
    ip_address = "10.60.${local.octet[each.key]}.20"
  }

  dynamic "allowed_address_pairs" {
    for_each = var.revision == 1 ? [] : ["10.60.${local.octet[each.key]}.200"]
    content {
      ip_address = allowed_address_pairs.value
    }
  }
}

resource "openstack_networking_floatingip_v2" "address" {
  for_each   = var.external
  pool       = "external-${each.key}"
  port_id    = openstack_networking_port_v2.port[each.key].id
  depends_on = [openstack_networking_router_interface_v2.leg]
}

# ---- servers and volumes in each zone ----------------------------------------------

resource "openstack_compute_instance_v2" "server" {
  for_each          = var.external
  name              = "${var.name}-${each.key}-${var.revision}"
  availability_zone = each.key
  image_id          = openstack_images_image_v2.image.id
  flavor_name       = var.flavor
  key_pair          = openstack_compute_keypair_v2.key.name
  metadata          = { revision = tostring(var.revision) }
  user_data         = "#cloud-config\n"

  scheduler_hints {
    group = openstack_compute_servergroup_v2.apart.id
  }

  network {
    port = openstack_networking_port_v2.port[each.key].id
  }
}

resource "openstack_blockstorage_volume_v3" "data" {
  for_each             = var.external
  name                 = "${var.name}-${each.key}"
  size                 = var.revision
  availability_zone    = each.key
  enable_online_resize = true
  metadata             = { revision = tostring(var.revision) }
}

resource "openstack_compute_volume_attach_v2" "data" {
  for_each    = var.external
  instance_id = openstack_compute_instance_v2.server[each.key].id
  volume_id   = openstack_blockstorage_volume_v3.data[each.key].id
}

# A server whose disk is a volume made of the image.
resource "openstack_compute_instance_v2" "from_volume" {
  for_each          = var.external
  name              = "${var.name}-${each.key}-volume"
  availability_zone = each.key
  flavor_name       = var.flavor

  block_device {
    uuid                  = openstack_images_image_v2.image.id
    source_type           = "image"
    destination_type      = "volume"
    volume_size           = 1
    boot_index            = 0
    delete_on_termination = true
  }

  network {
    uuid = openstack_networking_subnet_v2.subnet[each.key].network_id
  }
}

# ---- what a tenant reads -------------------------------------------------------------

data "openstack_compute_flavor_v2" "flavor" {
  name = var.flavor
}

data "openstack_compute_availability_zones_v2" "zones" {}

data "openstack_networking_network_v2" "external" {
  for_each = var.external
  name     = "external-${each.key}"
  external = true
}

output "zones" {
  value = data.openstack_compute_availability_zones_v2.zones.names
}

output "network" {
  value = { for zone, network in openstack_networking_network_v2.network : zone => network.id }
}

output "server" {
  value = { for zone, server in openstack_compute_instance_v2.server : zone => server.id }
}

output "volume" {
  value = { for zone, volume in openstack_blockstorage_volume_v3.data : zone => volume.id }
}
