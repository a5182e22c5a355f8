import type { Migration } from '../migrate.js';

export const serversReadAnew: Migration = {
  number: 25,
  name: 'servers-read-anew',
  sql: `
    -- Servers are kept in more lines than before, and a row in the earlier ones is slow to list. Lists go on meanwhile.
    update feed set suspected_at = now() where kind = 'server';
  `,
};
