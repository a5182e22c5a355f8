/** The URL a tenant is given in place of the site's, and what a request to it names. */

const tokenShape = /^[\w-]{43}$/;

/**
 * `http://site:6080/vnc_auto.html?path=%3Ftoken%3Dx` becomes
 * `https://cloud/console/<token>/vnc_auto.html?path=console%2F<token>%2F%3Ftoken%3D<token>`; a `ws:` URL stays one.
 *
 * The page's script makes the address of its WebSocket from the parameter `path`: below the root in noVNC up to 1.4 and
 * in spice-html5, relative to the page in newer ones. Both lead below `/console/`. Scripts of before 2018 know no such
 * parameter; they put the parameter `token` in a cookie. So the token stands in all the places, and in `path` as a
 * query, as Nova writes it, since Tempest looks for it there.
 */
export function tenantUrl(siteUrl: URL, token: string, publicUrl: string): string {
  if (isSocket(siteUrl)) return `${publicUrl.replace(/^http/, 'ws')}/console/${token}/?token=${token}`;
  const below = publicUrl.replace(/^https?:\/\/[^/]*\/?/, '');
  const parameters: [string, string][] = [
    ['path', `${below && `${below}/`}console/${token}/?token=${token}`],
    ...(siteUrl.searchParams.has('token') ? [['token', token] as [string, string]] : []),
    // `host`, `port` and `encrypt` would send the script past us.
    ...[...siteUrl.searchParams].filter(([name]) => !['path', 'token', 'host', 'port', 'encrypt'].includes(name)),
  ];
  const query = parameters.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return `${publicUrl}/console/${token}/${pageOf(siteUrl)}?${query.join('&')}`;
}

/** The token of a request for a console's WebSocket; what the query says goes before the path and that before the cookie. */
export function tokenAsked(url: string, cookie = ''): string | undefined {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const inQuery = mark < 0 ? undefined : (new URLSearchParams(url.slice(mark)).get('token') ?? undefined);
  const inPath = /\/console\/([^/]*)/.exec(path)?.[1];
  const inCookie = /(?:^|;)\s*token="?([\w-]*)/.exec(cookie)?.[1];
  const token = inQuery ?? inPath ?? inCookie;
  return token !== undefined && tokenShape.test(token) ? token : undefined;
}

/** The token and the file in `/console/<token>/app/ui.js?v=1`. */
export function fileAsked(url: string): { token: string; file: string } | undefined {
  const found = /^\/console\/([^/?]*)\/([^?]*)/.exec(url);
  return found && tokenShape.test(found[1] ?? '') ? { token: found[1] ?? '', file: found[2] ?? '' } : undefined;
}

export const isSocket = (url: URL): boolean => /^wss?:$/.test(url.protocol);

/** The last part of the path: the page itself. */
export const pageOf = (url: URL): string => url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
