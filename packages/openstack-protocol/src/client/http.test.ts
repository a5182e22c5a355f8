import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { HttpClient, NoAnswer } from './http.js';

// What each connection answers to its requests, in turn; where nothing is left it hangs up.
type Script = readonly string[];

const ok = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}';
const cut = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{}';

let closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  closing = [];
});

async function siteWith(...connections: Script[]) {
  const requests: string[] = [];
  let connected = 0;
  const server: Server = createServer((socket) => {
    const script = [...(connections[connected] ?? [])];
    connected += 1;
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      requests.push(data.toString().split(' ')[0]!);
      const answer = script.shift();
      if (answer === undefined) return socket.destroy();
      return answer === cut ? socket.end(answer) : socket.write(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const http = new HttpClient({ connections: 1, verifyTls: true });
  closing.push(
    () => http.close(),
    () => new Promise((closed) => server.close(closed)),
  );
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
  const send = (method: string, body?: Buffer) =>
    http.send({ method, url, headers: {}, ...(body ? { body } : {}), deadlineMs: 5_000 });
  return { send, requests };
}

test('what may be done twice is sent again when a kept connection ends in the moment in which it is used', async () => {
  const { send, requests } = await siteWith([ok], [ok, ok]);
  await send('GET');
  expect((await send('DELETE')).status).toBe(200);
  expect((await send('PUT', Buffer.from('{}'))).status).toBe(200);
  expect(requests).toEqual(['GET', 'DELETE', 'DELETE', 'PUT']);
});

test('what may not be done twice is sent once', async () => {
  const { send, requests } = await siteWith([ok], [ok]);
  await send('GET');
  await expect(send('POST', Buffer.from('{}'))).rejects.toThrow(NoAnswer);
  expect(requests).toEqual(['GET', 'POST']);
});

test('a site that hangs up again has been asked twice, and may have done it', async () => {
  const { send, requests } = await siteWith();
  await expect(send('DELETE')).rejects.toMatchObject({ notTaken: false });
  expect(requests).toEqual(['DELETE', 'DELETE']);
});

test('an answer that breaks off is not asked for again: the request was taken', async () => {
  const { send, requests } = await siteWith([cut], [ok]);
  await expect(send('DELETE')).rejects.toThrow(NoAnswer);
  expect(requests).toEqual(['DELETE']);
});
