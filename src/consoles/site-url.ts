/** What a console's URL, as the site gave it, says about where things are at the site. */
import { BlockList, isIP } from 'node:net';
import { isSocket, pageOf } from './tenant-url.js';

/** The site's own token, in the query or in the query of the parameter `path`. */
export function siteTokenOf(url: URL): string | undefined {
  return url.searchParams.get('token') ?? /[?&]token=([^&]+)/.exec(url.searchParams.get('path') ?? '')?.[1];
}

/** The URL of the WebSocket, with `http:` for `ws:`. Nova's proxies take any path, and the token in its query. */
export function socketUrl(url: URL): URL {
  const socket = new URL(isSocket(url) ? url.href.replace(/^ws/, 'http') : url.href);
  if (isSocket(url)) return socket;
  const path = url.searchParams.get('path') ?? 'websockify';
  const mark = path.indexOf('?');
  const folder = path.startsWith('/') ? '' : folderOf(url);
  socket.pathname = folder + (mark < 0 ? path : path.slice(0, mark));
  socket.search = mark < 0 ? '' : path.slice(mark);
  const token = siteTokenOf(url);
  if (token !== undefined && !socket.searchParams.has('token')) socket.searchParams.set('token', token);
  return socket;
}

/** The URL of a file beside the page, or undefined for one that would be outside the page's folder. */
export function fileUrl(url: URL, file: string): URL | undefined {
  if (/%2f|%5c|\\/i.test(file)) return undefined;
  if (file === pageOf(url)) return url;
  const folder = new URL(folderOf(url), url);
  const found = new URL(folder.href + file);
  return found.origin === folder.origin && found.pathname.startsWith(folder.pathname) ? found : undefined;
}

/** `/` or `/novnc/`: where the page's files are. */
export const folderOf = (url: URL): string => url.pathname.slice(0, url.pathname.lastIndexOf('/') + 1);

const near = new BlockList();
near.addSubnet('127.0.0.0', 8);
near.addSubnet('169.254.0.0', 16);
near.addAddress('0.0.0.0');
near.addAddress('::1', 'ipv6');
near.addAddress('::', 'ipv6');
near.addSubnet('fe80::', 10, 'ipv6');

/**
 * True for a host that is another one for us than for the site: a site that was left with Nova's default names
 * 127.0.0.1, and what answers us there is not the site's console but some service of our own.
 */
export function isNearHost(url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  return family === 0 ? /(^|\.)localhost\.?$/i.test(host) : near.check(host, family === 6 ? 'ipv6' : 'ipv4');
}
