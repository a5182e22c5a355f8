/**
 * Which file writes which table; `source-rules.test.ts` holds the sources to it. One file a table, where there is no reason
 * for another. Migrations may write all of them.
 */
export const tableWriters: Readonly<Record<string, readonly string[]>> = {
  site: ['sites/registry.ts'],
  alias: ['sites/alias-table.ts'],
  alias_version: ['sites/alias-table.ts'],
  resource: [
    'resources/inventory.ts',
    'routing/placeholders/placeholder-rows.ts', // what no site has yet
    'homed/respell.ts', // rows that were read before the alias was known
  ],
  global_resource: ['resources/global.ts'],
  global_error: ['resources/global.ts'],
  shadow: ['resources/global.ts'],
  feed: ['sync/feed-states.ts'],
  touched: ['sync/freshness.ts'],
  process: ['sync/site-leases.ts'],
  site_lease: ['sync/site-leases.ts'],
  job: ['jobs/job-table.ts'],
  image_copy: ['copies/copy-table.ts'],
  image_policy: ['copies/policy.ts'],
  image_ticket: ['copies/pull-endpoint.ts'],
  placement_decision: ['placement/placement.ts'],
  project_site: ['placement/placement.ts'],
  site_capacity: ['placement/site-readings.ts'],
  interconnect: ['interconnect/interconnect-table.ts'],
  interconnect_site: ['interconnect/interconnect-table.ts'],
  interconnect_segment: ['interconnect/segment-table.ts'],
  interconnect_block: ['interconnect/segment-table.ts'],
  homed: ['homed/homed-table.ts'],
  homed_site: ['homed/homed-table.ts'],
  homed_change: ['homed/homed-table.ts'],
  stretched_subnet: ['addresses/slice-table.ts'],
  slice: ['addresses/slice-table.ts'],
  claimed_address: ['addresses/slice-table.ts'],
  promised_addresses: ['addresses/promises.ts'],
  quota_room: ['network/quota-room.ts'],
  console: ['consoles/link-table.ts'],
  identity_item: [
    'identity/built-in/collection/items.ts',
    'identity/built-in/delegation/trusts.ts', // counts a use, in one statement
  ],
  identity_member: ['identity/built-in/groups.ts'],
  identity_grant: ['identity/built-in/assignments/grants.ts', 'identity/built-in/bootstrap.ts'],
  identity_implied_role: ['identity/built-in/assignments/roles.ts', 'identity/built-in/bootstrap.ts'],
  identity_token: [
    'identity/built-in/tokens/token-rows.ts',
    // What is disabled ends its tokens in the same transaction.
    'identity/built-in/projects/domains.ts',
    'identity/built-in/projects/projects.ts',
  ],
  schema_migration: ['database/migrate.ts'],
};
