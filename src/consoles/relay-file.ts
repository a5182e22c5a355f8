/** The console's page and the files it loads: fetched from the site, shown without the site's address. */
import { Agent, request, type Dispatcher } from 'undici';
import type { Logger } from 'pino';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Headers, OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { ConsoleLink } from './link-table.js';
import { fileUrl, folderOf, siteTokenOf } from './site-url.js';

// A page of noVNC has some seventy files, the largest of a few hundred kilobytes.
const largestFile = 8 * 1024 * 1024;

const shownHeaders = ['content-type', 'last-modified'];

export class FileRelay {
  private readonly agents = { verifying: agent(true), trusting: agent(false) };

  constructor(private readonly log: Logger) {}

  /**
   * @param root where the tenant sees the console: `https://cloud/console/<token>/`
   * @throws Fault 404, or 502 in words that do not name the site
   */
  async fetch(link: ConsoleLink, file: string, token: string, root: string): Promise<OpenStackResponse> {
    const target = fileUrl(link.url, file);
    if (!target || !/^https?:$/.test(target.protocol)) throw notThere();
    const answer = await this.ask(target, link);
    if (answer.status === 404) throw notThere();
    const hidden = new Hidden(link, token, root);
    if (answer.status >= 300 && answer.status < 400) {
      const location = hidden.location(answer.headers['location'], target);
      if (location === undefined) throw silent(link);
      return { status: answer.status, headers: { ...ownHeaders, location }, body: Buffer.alloc(0) };
    }
    if (answer.status !== 200) throw this.failed(link, `status ${answer.status}`);
    const headers: Headers = { ...ownHeaders };
    for (const name of shownHeaders) if (answer.headers[name]) headers[name] = answer.headers[name];
    const isText = /^text\/|javascript|json|xml/.test(headers['content-type'] ?? '');
    return { status: 200, headers, body: isText ? hidden.text(answer.body) : answer.body };
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.agents).map((one) => one.destroy()));
  }

  private async ask(target: URL, link: ConsoleLink) {
    try {
      // Redirects are the tenant's to follow, through us.
      const answer = await request(target, {
        dispatcher: link.verifyTls ? this.agents.verifying : this.agents.trusting,
        headers: { 'accept-encoding': 'identity' },
      });
      return { status: answer.statusCode, headers: flat(answer), body: Buffer.from(await answer.body.arrayBuffer()) };
    } catch (error) {
      throw this.failed(link, (error as NodeJS.ErrnoException).code ?? (error as Error).name);
    }
  }

  private failed(link: ConsoleLink, reason: string): Fault {
    const { siteName: site, serverId } = link;
    this.log.warn({ event: 'console.no_file', site, serverId, reason }, "a site's console does not answer");
    return silent(link);
  }
}

/** The site's words for its console in the tenant's. */
class Hidden {
  private readonly words: readonly (readonly [string, string])[];

  constructor(
    private readonly link: ConsoleLink,
    token: string,
    private readonly root: string,
  ) {
    const { url } = link;
    const siteToken = siteTokenOf(url);
    const host = new URL(root).host;
    this.words = [
      [url.origin + folderOf(url), root],
      [url.origin, root.slice(0, -1)],
      // A host without a port may be a word of any script.
      ...(url.port || url.hostname.includes('.') ? [[url.host, host] as const] : []),
      ...(siteToken && siteToken.length >= 16 ? [[siteToken, token] as const] : []),
    ];
  }

  text(body: Buffer): Buffer {
    let text = body.toString('latin1'); // whatever its encoding, the other bytes stay
    for (const [theirs, ours] of this.words) text = text.replaceAll(theirs, ours);
    return Buffer.from(text, 'latin1');
  }

  /** Undefined for a redirect away from the console. */
  location(location: string | undefined, from: URL): string | undefined {
    if (location === undefined || !URL.canParse(location, from.href)) return undefined;
    const { origin, pathname } = new URL(location, from);
    const folder = folderOf(this.link.url);
    if (origin !== this.link.url.origin || !pathname.startsWith(folder)) return undefined;
    return this.root + pathname.slice(folder.length);
  }
}

const ownHeaders: Headers = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer', // the address of the page has the token in it
  'x-content-type-options': 'nosniff',
};

const agent = (verifyTls: boolean): Agent =>
  new Agent({
    connections: 32,
    connect: { rejectUnauthorized: verifyTls, timeout: 5_000 },
    headersTimeout: 10_000,
    bodyTimeout: 10_000,
    maxResponseSize: largestFile,
  });

const notThere = (): Fault => new Fault('not-found', 'The console has no such file.');

export const silent = (link: ConsoleLink): Fault =>
  new Fault('bad-gateway', `The console in availability zone ${link.siteName} does not answer.`);

function flat(answer: Dispatcher.ResponseData): Headers {
  const headers: Headers = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined) headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
