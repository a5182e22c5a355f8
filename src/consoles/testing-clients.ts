/** For tests: what opens a console's WebSocket. */
import { request as httpRequest } from 'node:http';
import { WebSocket } from 'undici';

/** The status of an upgrade, with whatever the answer says. */
export function upgrade(url: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(url.replace(/^ws/, 'http'), {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': 'x3JJHMbDL1EzLkh9GBhXDw==',
        'sec-websocket-version': '13',
        ...headers,
      },
    });
    asked.on('error', reject);
    asked.on('upgrade', (answer, socket) => {
      socket.destroy();
      resolve({ status: answer.statusCode ?? 0, text: JSON.stringify(answer.headers) });
    });
    asked.on('response', (answer) => {
      let text = JSON.stringify(answer.headers);
      answer.on('data', (part: Buffer) => (text += part.toString()));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    asked.end();
  });
}

/** Opens the WebSocket, says `hello`, and returns what came until the echo. */
export function converse(url: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ['binary']);
    const responses: string[] = [];
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => socket.send(Buffer.from('hello')));
    socket.addEventListener('message', (event) => {
      responses.push(Buffer.from(event.data as ArrayBuffer).toString());
      if (responses.length === 2) socket.close();
    });
    socket.addEventListener('close', () =>
      responses.length === 2 ? resolve(responses) : reject(new Error('closed early')),
    );
    socket.addEventListener('error', () => reject(new Error('no socket')));
  });
}
