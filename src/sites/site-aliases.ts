/**
 * The cascade's ids in place of one site's, and the way back: in a path, a query, JSON. What is committed when something is
 * translated is known: a text with ids in it costs a question for the site's version, which all that ask at the same time
 * share; where it has moved, what is newer is read. See docs/decisions/0029.
 */
import { LRUCache } from 'lru-cache';
import type { Alias, AliasTable, AliasVersion } from './alias-table.js';
import { IdFilter } from './id-filter.js';
import { eachId, hasId } from './ids-in-bytes.js';

/** What the gateway needs. */
export interface IdTranslation {
  toSite(bytes: Buffer): Promise<Buffer>;
  /** By what is known without a question: for what can be asked again. */
  toSiteAsKnown(bytes: Buffer): Promise<Buffer>;
  toCascade(bytes: Buffer): Promise<Buffer>;
}

const same = (bytes: Buffer): Promise<Buffer> => Promise.resolve(bytes);
export const sameIds: IdTranslation = { toSite: same, toSiteAsKnown: same, toCascade: same };

/** What ids mean, of all sites: some 40 MB. What is not in it is looked up. */
export type KnownIds = LRUCache<string, string>;
export const knownIds = (max = 200_000): KnownIds => new LRUCache({ max });

let generations = 0;

type Direction = 'toSite' | 'toCascade';
const keyOf: Record<Direction, keyof Alias> = { toSite: 'id', toCascade: 'site_resource_id' };
const opposite: Record<Direction, Direction> = { toSite: 'toCascade', toCascade: 'toSite' };

const pageSize = 10_000;

interface Place {
  readonly at: number;
  readonly id: string;
}

export class SiteAliases implements IdTranslation {
  private hasBegun = false;
  /** All up to this version are in the filter. */
  private version = 0;
  private filter = new IdFilter(0);
  private running: Promise<void> = Promise.resolve();
  private next: Promise<void> | undefined;
  /** Of what is known: another one begins where something is to be forgotten. */
  private generation = (generations += 1);

  constructor(
    private readonly table: AliasTable,
    private readonly siteId: number,
    private readonly known: KnownIds,
  ) {}

  async toSite(bytes: Buffer): Promise<Buffer> {
    if (!hasId(bytes)) return bytes;
    await this.catchUp();
    return this.translate('toSite', bytes);
  }

  toSiteAsKnown(bytes: Buffer): Promise<Buffer> {
    return this.hasBegun ? this.translate('toSite', bytes) : this.toSite(bytes);
  }

  async toCascade(bytes: Buffer): Promise<Buffer> {
    if (!hasId(bytes)) return bytes;
    await this.catchUp();
    return this.translate('toCascade', bytes);
  }

  private async translate(direction: Direction, bytes: Buffer): Promise<Buffer> {
    if (this.version === 0) return bytes;
    const places: Place[] = [];
    eachId(bytes, (at, length) => {
      if (this.filter.mayHave(bytes, at, length)) places.push({ at, id: bytes.toString('latin1', at, at + length) });
    });
    if (places.length === 0) return bytes;
    return replaced(bytes, places, await this.meanings(direction, new Set(places.map(({ id }) => id))));
  }

  /** What was committed before this is called is known when it resolves. */
  private catchUp(): Promise<void> {
    // A question that is under way may have been answered too early; the next one is everybody's who comes meanwhile.
    return (this.next ??= this.running
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return (this.running = this.readNewer());
      }));
  }

  private async readNewer(): Promise<void> {
    const now = await this.table.version(this.siteId);
    if (now.version !== this.version) await this.readAfter(now);
    this.hasBegun = true;
  }

  private async readAfter(now: AliasVersion): Promise<void> {
    // Lower than before: the site was taken out, and another has its number.
    const isOther = now.version < this.version;
    if (isOther || now.forgotten > this.version) this.generation = generations += 1;
    const isAnew = isOther || this.version === 0 || this.filter.size > this.filter.capacity;
    // Two ids an alias, and room for as many again.
    const filter = isAnew ? new IdFilter(4 * (await this.table.count(this.siteId))) : this.filter;
    let version = isAnew ? 0 : this.version;
    for (;;) {
      const page = await this.table.after(this.siteId, version, pageSize);
      for (const alias of page) this.learn(alias, filter);
      version = page.at(-1)?.version ?? version;
      if (page.length < pageSize) break;
    }
    this.filter = filter;
    this.version = Math.max(version, now.version);
  }

  private learn(alias: Alias, filter: IdFilter): void {
    for (const id of [alias.id, alias.site_resource_id]) filter.add(id);
    this.known.set(this.key('toSite', alias.id), alias.site_resource_id);
    this.known.set(this.key('toCascade', alias.site_resource_id), alias.id);
  }

  /** What some ids are on the other side: themselves where they are no alias. */
  private async meanings(direction: Direction, ids: ReadonlySet<string>): Promise<Map<string, string>> {
    const meanings = new Map<string, string>();
    const unknown = new Map<string, string>();
    for (const id of ids) {
      const key = this.key(direction, id);
      const meaning = this.known.get(key);
      if (meaning === undefined) unknown.set(id, key);
      else meanings.set(id, meaning);
    }
    if (unknown.size > 0) await this.lookUp(direction, unknown, meanings);
    return meanings;
  }

  /** @param unknown ids, and under which keys what they mean is to be known */
  private async lookUp(direction: Direction, unknown: ReadonlyMap<string, string>, meanings: Map<string, string>) {
    const { version } = this;
    const [key, other] = [keyOf[direction], keyOf[opposite[direction]]];
    for (const alias of await this.table.among(this.siteId, key, [...unknown.keys()]))
      meanings.set(alias[key], alias[other]);
    for (const [id, knownAs] of unknown) {
      if (!meanings.has(id)) meanings.set(id, id);
      // What was learned meanwhile is newer.
      if (this.version === version && !this.known.has(knownAs)) this.known.set(knownAs, meanings.get(id)!);
    }
  }

  private key(direction: Direction, id: string): string {
    return `${this.generation} ${direction} ${id}`;
  }
}

/** Byte for character, so that whatever else is in it stays as it is. */
function replaced(bytes: Buffer, places: readonly Place[], meanings: ReadonlyMap<string, string>): Buffer {
  const changes = places.flatMap(({ at, id }) => {
    const meaning = meanings.get(id) ?? id;
    return meaning === id ? [] : [{ at, id, meaning }];
  });
  if (changes.length === 0) return bytes;
  const grown = changes.reduce((sum, { id, meaning }) => sum + meaning.length - id.length, 0);
  const result = Buffer.allocUnsafe(bytes.length + grown);
  let [read, written] = [0, 0];
  for (const { at, id, meaning } of changes) {
    written += bytes.copy(result, written, read, at);
    written += result.write(meaning, written, 'latin1');
    read = at + id.length;
  }
  bytes.copy(result, written, read);
  return result;
}
