/** Lists as they were a while ago: what a cloud whose lists come from a replica that lags behind shows. */
import { LRUCache } from 'lru-cache';

interface Shown {
  readonly at: number;
  readonly body: Buffer;
}

export class StaleLists {
  private readonly shown = new LRUCache<string, Shown[]>({ max: 500 });

  /**
   * @param key who asks for which list
   * @returns the list as it was `lagMs` ago; the oldest that is known where nobody asked then
   */
  show(key: string, body: Buffer, lagMs: number, now = Date.now()): Buffer {
    const known = this.shown.get(key) ?? [];
    known.push({ at: now, body });
    const from = known.findLastIndex(({ at }) => at <= now - lagMs);
    if (from > 0) known.splice(0, from);
    this.shown.set(key, known);
    return known[0]!.body;
  }

  clear(): void {
    this.shown.clear();
  }
}

/** A list's URL without the time it asks from, which is another one each time. */
export function listKey(url: string, project: string, microversion: string): string {
  const [path = '', query = ''] = url.split('?', 2);
  const params = new URLSearchParams(query);
  params.delete('changes-since');
  return [path, params.toString(), project, microversion].join(' ');
}

/** `{"servers": [`: an object that begins with a list. */
export const looksLikeList = (body: Buffer): boolean => /^\{\s*"\w+"\s*:\s*\[/.test(body.toString('utf8', 0, 80));
