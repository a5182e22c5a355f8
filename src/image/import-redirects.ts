/**
 * Where a URL leads in the end. The cascade follows its redirects before the site does, each hop to an address that was
 * checked, and has the site fetch the last one: what a redirect hides is seen. A server that answers the site differently
 * a moment later is not; Glance's own filter is for that.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isInward, refused, requireOutward, type Outward, type Resolve } from './import-uri.js';

const mostHops = 5;
/** For all hops together. */
const deadlineMs = 20_000;

export interface Following {
  /** Whether the site may fetch a URL unchecked: an operator's own mirror. */
  readonly isAllowed: (uri: string) => boolean;
  readonly resolve?: Resolve;
  readonly leadsInward?: (address: string) => boolean;
}

/**
 * The URL behind all redirects, as one parser alone reads it.
 * @throws Fault 400 where a hop leads inward, there are too many, or one does not answer here: what cannot be checked is not fetched
 */
export async function endOf(uri: string, { isAllowed, resolve, leadsInward = isInward }: Following): Promise<string> {
  const signal = AbortSignal.timeout(deadlineMs);
  let at = uri;
  for (let hop = 0; hop <= mostHops; hop += 1) {
    if (isAllowed(at)) return at;
    const outward = await requireOutward(at, resolve, leadsInward);
    const next = await redirectOf(outward, signal).catch(() => Promise.reject(refused(uri)));
    if (next === undefined) return outward.url.href;
    at = next;
  }
  throw refused(uri);
}

/** Asked as Glance will ask; of the answer the head alone is read. @throws Error where there is none */
async function redirectOf({ url, addresses }: Outward, signal: AbortSignal): Promise<string | undefined> {
  const ask = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = ask(url, { lookup: only(addresses), agent: false, signal }, resolve);
    request.on('error', reject);
    request.end();
  });
  answer.destroy();
  const { statusCode = 0, headers } = answer;
  const isRedirect = [301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined;
  return isRedirect ? absolute(headers.location!, url) : undefined;
}

/** What is odd in it stays in it, for the next check to refuse. */
function absolute(location: string, from: URL): string {
  return /^[a-z][a-z0-9+.-]*:/i.test(location) || !URL.canParse(location, from.href)
    ? location
    : new URL(location, from).href;
}

/** A name that resolves to something else by now does not lead there. */
const only =
  (addresses: readonly string[]): LookupFunction =>
  (_host, options, done) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }));
    if (options.all) done(null, found);
    else done(null, found[0]!.address, found[0]!.family);
  };
