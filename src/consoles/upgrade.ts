/** The server's `upgrade` event, of which consoles are the only users. */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

export const wantsWebSocket = (request: IncomingMessage): boolean =>
  request.method === 'GET' && /^websocket$/i.test(request.headers.upgrade ?? '');

/**
 * Gives a request that asks for another protocol back to the server, as one that does not ask. Once anybody listens to
 * `upgrade`, Node answers no such request by itself, and Java's HTTP client and curl ask for `h2c` as a matter of course.
 */
export function handBack(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(at, at + 2);
    if (!/^(upgrade|connection|http2-settings)$/i.test(name)) lines.push(`${name}: ${value}`);
  }
  socket.removeAllListeners('error');
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}
