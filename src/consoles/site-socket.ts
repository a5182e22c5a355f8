/** Opens the WebSocket of a site's console in the words of the client's own request, so that the frames need no reading. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { ConsoleLink } from './link-table.js';
import { siteTokenOf, socketUrl } from './site-url.js';

export interface SiteSocket {
  readonly socket: Socket;
  /** Bytes that came with the answer. */
  readonly head: Buffer;
  /** Header lines of the answer that are the client's to read. */
  readonly handshake: readonly string[];
}

const asked = ['sec-websocket-key', 'sec-websocket-version', 'sec-websocket-protocol', 'sec-websocket-extensions'];
const answered = ['sec-websocket-accept', 'sec-websocket-protocol', 'sec-websocket-extensions'];

/** @throws Error with a reason that may name the site: for the log alone */
export function openSiteSocket(link: ConsoleLink, client: IncomingMessage, timeoutMs: number): Promise<SiteSocket> {
  const url = socketUrl(link.url);
  const siteToken = siteTokenOf(link.url);
  // No Origin: we are no browser, and have seen to the client's own.
  const headers: Record<string, string> = { connection: 'Upgrade', upgrade: 'websocket' };
  if (siteToken) headers['cookie'] = `token=${encodeURIComponent(siteToken)}`;
  for (const name of asked) {
    const value = client.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, { agent: false, headers, rejectUnauthorized: link.verifyTls });
    const late = setTimeout(() => request.destroy(new Error('no answer in time')), timeoutMs);
    const left = (): void => void request.destroy(new Error('the client hung up'));
    client.socket.once('close', left);
    request.once('close', () => {
      clearTimeout(late);
      client.socket.off('close', left);
    });
    request.on('error', reject);
    request.once('response', (answer) => {
      request.destroy();
      reject(new Error(`status ${answer.statusCode}`));
    });
    request.once('upgrade', (answer, socket, head) => {
      clearTimeout(late);
      client.socket.off('close', left);
      const handshake = answered.flatMap((name) => {
        const value = answer.headers[name];
        return typeof value === 'string' ? [`${name}: ${value}`] : [];
      });
      resolve({ socket: socket as Socket, head, handshake });
    });
    request.end();
  });
}
