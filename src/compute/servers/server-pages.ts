/** Pages of servers as bytes: what is shown as it is kept is copied, not parsed. */
import type { Asked } from '../../openstack/route.js';
import type { Body } from '../../resources/kind.js';
import { fieldText, lineFeed, recordEnd, valueIn } from '../../resources/lines.js';
import { serverLines } from './server-lines.js';
import {
  detailedServer,
  isShown,
  reshaped,
  serverLinks,
  showsUnknown,
  unknownServer,
  type FlavorIds,
} from './server-view.js';

/** Servers as they go out, separated by commas. */
export interface ServerPage {
  readonly chunks: readonly Buffer[];
  readonly count: number;
  readonly lastId: string | undefined;
}

/** True for a site, by its id, that does not answer. */
export type IsSilent = (siteId: number) => boolean;

/** What of a kept server is shown: whole lines from one to another, or one line in another shape. */
type Piece =
  { readonly from: number; to: number } | { readonly line: number; readonly reshape: (line: string) => Buffer };

const comma = Buffer.from(',');
const unknownStatus = fieldText('status', 'UNKNOWN');
const unknownStatusBytes = Buffer.from(unknownStatus);

export function briefPage(
  asked: Asked,
  rows: readonly { id: string; name: string | null; site_id: number }[],
  isSilent: IsSilent,
): ServerPage {
  const mayBeUnknown = showsUnknown(asked);
  const links = linksWriter(asked);
  const servers = rows.map(({ id, name, site_id: site }) => {
    const idText = JSON.stringify(id);
    const shown = mayBeUnknown && isSilent(site) ? unknownStatus : fieldText('name', name ?? '');
    return `{"id":${idText}${shown}${links(idText.slice(1, -1))}}`;
  });
  return { chunks: [Buffer.from(servers.join(','))], count: rows.length, lastId: rows.at(-1)?.id };
}

/** @param page of `bodyPage` */
export function detailedPage(asked: Asked, page: Buffer, isSilent: IsSilent, flavors: FlavorIds): ServerPage {
  const pieces = piecesShown(asked, flavors);
  const mayBeUnknown = showsUnknown(asked);
  const links = linksWriter(asked);
  const chunks: Buffer[] = [];
  let count = 0;
  let lastId: string | undefined;
  for (let at = 0; at < page.length;) {
    const start = page.indexOf(lineFeed, at) + 1;
    const siteId = Number(page.toString('latin1', at, start - 1));
    const end = endOf(page, start);
    const isUnknown = mayBeUnknown && isSilent(siteId);
    if (count++ > 0) chunks.push(comma);
    const starts = lineStarts(page, start, end);
    const id = idIn(page, start);
    if (!starts || id === undefined) {
      const body = JSON.parse(page.toString('utf8', start, end)) as Body;
      lastId = String(body['id']);
      const shown = isUnknown ? unknownServer(asked, body) : detailedServer(asked, body, flavors);
      chunks.push(Buffer.from(JSON.stringify(shown)));
    } else {
      lastId = id;
      if (isUnknown) chunks.push(page.subarray(start, starts[1]), unknownStatusBytes);
      else copyPieces(page, starts, pieces, chunks);
      chunks.push(Buffer.from(`${links(id)}}`));
    }
    at = end + 1;
  }
  return { chunks, count, lastId };
}

function piecesShown(asked: Asked, flavors: FlavorIds): Piece[] {
  const pieces: Piece[] = [];
  serverLines.forEach(([field], line) => {
    const change = field === undefined ? undefined : reshaped(asked, field, flavors);
    const last = pieces.at(-1);
    if (field !== undefined && !isShown(asked, field)) return;
    if (change) pieces.push({ line, reshape: remembering((kept) => lineText(field!, change(valueIn(kept)))) });
    else if (last && 'to' in last && last.to === line) last.to = line + 1;
    else pieces.push({ from: line, to: line + 1 });
  });
  return pieces;
}

/** Writes a server's links. The text of its id, as JSON has it between the quotes, is all that differs. */
function linksWriter(asked: Asked): (idText: string) => string {
  const hole = '{id}';
  const parts = fieldText('links', serverLinks(asked, hole)).split(hole);
  return (idText) => parts.join(idText);
}

const lineText = (field: string, value: unknown): string => (value === undefined ? '' : fieldText(field, value));

/** Among a thousand servers there are few flavors and images: each is written once. */
function remembering(write: (line: string) => string): (line: string) => Buffer {
  const written = new Map<string, Buffer>();
  return (line) => {
    let text = written.get(line);
    if (!text) written.set(line, (text = Buffer.from(write(line))));
    return text;
  };
}

function copyPieces(page: Buffer, starts: readonly number[], pieces: readonly Piece[], chunks: Buffer[]): void {
  for (const piece of pieces) {
    // Lines end before the line feed, or, the last, before the brace: one byte each.
    if ('to' in piece) chunks.push(page.subarray(starts[piece.from], starts[piece.to]! - 1));
    else chunks.push(piece.reshape(page.toString('utf8', starts[piece.line]!, starts[piece.line + 1]! - 1)));
  }
}

function endOf(page: Buffer, start: number): number {
  const end = page.indexOf(recordEnd, start);
  return end < 0 ? page.length : end;
}

/** Where the lines of a body start, and its end; undefined where it is in other lines than servers are kept in now. */
function lineStarts(page: Buffer, start: number, end: number): number[] | undefined {
  const starts = [start];
  for (let at = page.indexOf(lineFeed, start); at >= 0 && at < end; at = page.indexOf(lineFeed, at + 1)) {
    starts.push(at + 1);
    if (starts.length > serverLines.length) return undefined;
  }
  starts.push(end);
  return starts.length === serverLines.length + 1 ? starts : undefined;
}

const idStart = '{"id":"';
const quote = 0x22;

/** The id at the start of a body; undefined where it is not plain text. */
function idIn(page: Buffer, start: number): string | undefined {
  const from = start + idStart.length;
  if (page.toString('latin1', start, from) !== idStart) return undefined;
  const id = page.toString('utf8', from, page.indexOf(quote, from));
  return id.includes('\\') ? undefined : id;
}
