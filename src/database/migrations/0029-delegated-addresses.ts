import type { Migration } from '../migrate.js';

export const delegatedAddresses: Migration = {
  number: 29,
  name: 'delegated-addresses',
  sql: `
    -- Subnets whose addresses are divided among sites. What no row of 'slice' names is the home's.
    create table stretched_subnet (
      id      text primary key,
      number  integer not null unique generated always as identity,
      cidr    text not null,
      home_id integer references site on delete set null,
      pools   nummultirange not null,          -- as the tenant wrote them
      version bigint not null default 0        -- counts up with each change of who holds what
    );
    create index stretched_subnet_home on stretched_subnet (home_id);
    -- Addresses that a site other than the home holds, or that are leaving the site that holds them. [first, last + 1)
    create table slice (
      subnet_number integer not null references stretched_subnet (number) on delete cascade,
      addresses     numrange not null,
      site_id       integer not null references site on delete cascade,
      to_site_id    integer references site on delete set null,  -- whose they are once the holder's Neutron gives out none of them
      left_at       bigint,                                      -- the version that marked it as leaving
      is_gateway    boolean not null default false,              -- the router's address in that site
      primary key (subnet_number, addresses),
      -- Whatever a program gets wrong: no address is in two slices.
      constraint slice_disjoint exclude using gist (int8range(subnet_number, subnet_number, '[]') with &&, addresses with &&),
      check (not isempty(addresses) and lower_inc(addresses) and not upper_inc(addresses)
             and lower(addresses) = trunc(lower(addresses)) and upper(addresses) = trunc(upper(addresses))),
      check (to_site_id <> site_id),
      check (to_site_id is null or left_at is not null),
      check (not is_gateway or (to_site_id is null and upper(addresses) = lower(addresses) + 1))
    );
    create unique index slice_gateway on slice (subnet_number, site_id) where is_gateway;
    create index slice_site on slice (site_id, subnet_number);
    create index slice_leaving on slice (to_site_id) where to_site_id is not null;
    -- Addresses that somebody has just asked for by name at a site, whose port may still be on its way.
    create table claimed_address (
      subnet_number integer not null references stretched_subnet (number) on delete cascade,
      address       numeric not null,
      site_id       integer not null references site on delete cascade,
      until         timestamptz not null,
      primary key (subnet_number, address)
    );
    create index claimed_address_site on claimed_address (site_id);
    -- How many addresses were promised in the last periods of ten seconds: a ring, so that rows are only updated. Lost with a
    -- crash of PostgreSQL, as what it counts is over within a minute.
    create unlogged table promised_addresses (
      subnet_id text not null references stretched_subnet on delete cascade,
      site_id   integer not null references site on delete cascade,
      slot      integer not null,
      period    bigint not null,
      count     bigint not null,
      primary key (subnet_id, site_id, slot)
    ) with (fillfactor = 50);
    create index promised_addresses_site on promised_addresses (site_id);
  `,
};
