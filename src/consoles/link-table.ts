/** The links to consoles that tenants hold: each worth one connection, for a short time. */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Queryable } from '../database/database.js';
import { secretsWith, type Secrets } from '../sites/secrets.js';

/** What a link leads to. */
export interface ConsoleLink {
  readonly siteName: string;
  readonly serverId: string;
  /** The site's own URL with the site's own token: never a tenant's to see. */
  readonly url: URL;
  readonly verifyTls: boolean;
}

export interface NewLink {
  readonly siteId: number;
  readonly serverId: string;
  readonly projectId: string | undefined;
  readonly url: string;
}

interface Row {
  site_name: string;
  server_id: string;
  url: string;
  verify_tls: boolean;
}

/** Nova's own tokens live as long. @see nova.conf [consoleauth] token_ttl */
const lifeSeconds = 600;

const columns = 'site.name as site_name, console.server_id, console.url, site.verify_tls';

export class ConsoleLinks {
  constructor(private readonly database: Queryable) {}

  /** The token of a new link; it is kept nowhere. */
  async make(link: NewLink): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const sealed = sealOf(token).seal(link.url, link.serverId);
    await this.database.run(
      `insert into console (token_hash, site_id, server_id, project_id, url, expires_at)
       values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))`,
      [hashOf(token), link.siteId, link.serverId, link.projectId ?? null, sealed, lifeSeconds],
    );
    return token;
  }

  /** For files, as often as they are asked for. @throws Fault 404 for an unknown token, 410 for an expired one */
  async find(token: string): Promise<ConsoleLink> {
    const row = await this.database.maybe<Row>(
      `select ${columns}
         from console join site on site.id = console.site_id
        where token_hash = $1 and expires_at > now()`,
      [hashOf(token)],
    );
    return row ? linkOf(row, token) : this.refuse(token);
  }

  /** For the connection: the first to come has it. @throws Fault 404 for an unknown token, 410 for one that is spent */
  async open(token: string): Promise<ConsoleLink> {
    const row = await this.database.maybe<Row>(
      `update console set opened_at = now()
         from site
        where site.id = console.site_id
          and token_hash = $1 and expires_at > now() and opened_at is null
        returning ${columns}`,
      [hashOf(token)],
    );
    return row ? linkOf(row, token) : this.refuse(token);
  }

  /** Removes what has been of no use for an hour. */
  sweep(): Promise<number> {
    return this.database.run(`delete from console where expires_at < now() - interval '1 hour'`);
  }

  private async refuse(token: string): Promise<never> {
    const known = await this.database.maybe(`select 1 from console where token_hash = $1`, [hashOf(token)]);
    if (known) throw new Fault('gone', 'This console link has expired or was already used. Request a new one.');
    throw new Fault('not-found', 'There is no such console.');
  }
}

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

// The key is in the tenant's URL alone: neither the database nor the cascade's own key opens a site's console.
const sealOf = (token: string): Secrets => secretsWith(createHmac('sha256', token).update('console url').digest());

function linkOf(row: Row, token: string): ConsoleLink {
  const url = new URL(sealOf(token).open(row.url, row.server_id));
  return { siteName: row.site_name, serverId: row.server_id, url, verifyTls: row.verify_tls };
}
