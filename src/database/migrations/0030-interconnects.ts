import type { Migration } from '../migrate.js';

export const interconnects: Migration = {
  number: 30,
  name: 'interconnects',
  sql: `
    -- What joins the networks of several sites, as operators say.
    create table interconnect (
      id             integer generated always as identity primary key,
      name           text not null unique,
      type           text not null constraint interconnect_type check (type in ('vlan', 'vxlan')),
      ranges         int4multirange not null default '{}',   -- of which networks are given segments
      joins_any_vni  boolean not null default false,         -- networks of any VNI may be joined as they are
      is_default     boolean not null default false,
      constraint interconnect_numbers check (
        ranges <@ case type when 'vlan' then '{[1,4095)}'::int4multirange else '{[1,16777216)}'::int4multirange end),
      constraint interconnect_any_vni check (type = 'vxlan' or not joins_any_vni)
    );
    create unique index interconnect_default on interconnect (is_default) where is_default;
    create table interconnect_site (
      interconnect_id  integer not null references interconnect on delete cascade,
      site_id          integer not null references site on delete cascade,
      physical_network text,   -- of a vlan
      primary key (interconnect_id, site_id)
    );

    -- Each number is one network's. Kept while the interconnect is: there is no way to lose who has what.
    create table interconnect_segment (
      interconnect_id integer not null constraint interconnect_in_use references interconnect,
      number          integer not null,
      request         text,                                -- for which it was reserved; null for a network's own
      site_ids        integer[] not null,                  -- where it is to be made first
      network_id      text,                                -- null until it is made
      since           timestamptz not null default now(),
      primary key (interconnect_id, number),
      constraint interconnect_segment_request unique (request),
      constraint interconnect_segment_network unique (interconnect_id, network_id),
      check (request is not null or network_id is not null)
    );
    create index interconnect_segment_of on interconnect_segment (network_id);
    -- Numbers that a site has refused, since something else has them there.
    create table interconnect_block (
      interconnect_id integer not null references interconnect on delete cascade,
      number          integer not null,
      site_id         integer not null references site on delete cascade,
      until           timestamptz not null,
      primary key (interconnect_id, number, site_id)
    );

    -- The segments of a network, which has one or several, as its site's administrator is shown them.
    create function segments_of(network jsonb) returns jsonb language sql immutable parallel safe as $body$
      select case jsonb_typeof(network->'segments') when 'array' then network->'segments'
        else jsonb_build_array(jsonb_build_object(
          'provider:network_type', network->'provider:network_type',
          'provider:physical_network', network->'provider:physical_network',
          'provider:segmentation_id', network->'provider:segmentation_id')) end
    $body$;
    create index network_by_segment on resource using gin (segments_of(facts) jsonb_path_ops)
      where kind = 'network' and deleted_at is null;
  `,
};
