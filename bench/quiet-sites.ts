/**
 * Sites in which nothing happens: they let anybody log in, say which versions they speak, and have no changes to tell; what
 * they hold they cannot say now. Some, or all, can be made silent: their connections are closed without a word.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class QuietSites {
  private readonly silent = new Set<string>();
  private server: Server | undefined;

  async start(): Promise<void> {
    this.server = createServer((request, response) => {
      const [, site = '', below = ''] = /^\/([^/]+)(\/.*)?$/.exec(request.url ?? '') ?? [];
      request.resume();
      if (this.silent.has(site)) return void request.socket.destroy();
      const isLogin = request.method === 'POST' && below.endsWith('/auth/tokens');
      // An empty list would say that all is deleted.
      const listsAll = /\/servers/.test(below) && !below.includes('changes-since');
      response.writeHead(listsAll ? 503 : isLogin ? 201 : 200, {
        'content-type': 'application/json',
        'x-subject-token': 'quiet',
      });
      response.end(JSON.stringify(isLogin ? { token: session } : { servers: [], versions: [] }));
    });
    await new Promise<void>((resolve) => this.server!.listen(0, '127.0.0.1', resolve));
  }

  rootOf(site: string): string {
    return `http://127.0.0.1:${(this.server!.address() as AddressInfo).port}/${site}`;
  }

  /** These are silent from now on, all others answer. */
  silence(sites: readonly string[]): void {
    this.silent.clear();
    for (const site of sites) this.silent.add(site);
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((closed) => this.server?.close(closed));
  }
}

const session = {
  user: { id: 'ad', name: 'cascade' },
  project: { id: 'ad', name: 'admin' },
  roles: [{ name: 'admin' }],
  catalog: [],
  expires_at: '2100-01-01T00:00:00.000000Z',
};
