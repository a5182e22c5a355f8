/** Which pages may open a console's WebSocket. @see openstack/nova:nova/console/websocketproxy.py (Verify Origin) */

/**
 * A browser says which page opens a WebSocket: one of ours (the console's own), or one of a host that the operator
 * allows (a dashboard that shows serial consoles). A client that says nothing is no browser, and free to come.
 * @param root the public URL as this request sees it
 */
export function mayOpen(origin: string | undefined, root: string, allowedHosts: readonly string[]): boolean {
  if (origin === undefined) return true;
  if (!URL.canParse(origin) || !URL.canParse(root)) return false;
  const [page, ours] = [new URL(origin), new URL(root)];
  const isOurs = page.hostname === ours.hostname && page.protocol === ours.protocol;
  return isOurs || (/^https?:$/.test(page.protocol) && allowedHosts.includes(page.hostname));
}
