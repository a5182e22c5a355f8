/** Pages of servers as text: what is shown as it is kept is copied, not parsed. */
import type { Asked } from '@cascade/openstack-protocol/server/route.js';
import type { Body } from '../../resources/kind.js';
import { fieldText, lineFeed, valueIn } from '../../resources/lines.js';
import type { NamedFlavors } from './named-flavors.js';
import { serverLines } from './server-lines.js';
import {
  detailedServer,
  isShown,
  reshaped,
  serverLinks,
  shownAgain,
  showsUnknown,
  unknownServer,
} from './server-view.js';

/** Servers as they go out, separated by commas. */
export interface ServerPage {
  readonly text: string;
  readonly count: number;
  readonly lastId: string | undefined;
}

/** True for a site, by its id, that does not answer. */
export type IsSilent = (siteId: number) => boolean;

/** What of a kept server is shown: whole lines from one to another, or one line in another shape. */
type Piece =
  { readonly from: number; to: number } | { readonly line: number; readonly reshape: (line: string) => string };

const unknownStatus = fieldText('status', 'UNKNOWN');

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
  return { text: servers.join(','), count: rows.length, lastId: rows.at(-1)?.id };
}

/** @param rows with bodies as they are kept */
export function detailedPage(
  asked: Asked,
  rows: readonly { site_id: number; body: string }[],
  isSilent: IsSilent,
  flavors: NamedFlavors,
): ServerPage {
  const pieces = piecesShown(asked, flavors);
  const mayBeUnknown = showsUnknown(asked);
  const links = linksWriter(asked);
  let lastId: string | undefined;
  const servers = rows.map(({ site_id: site, body }) => {
    const isUnknown = mayBeUnknown && isSilent(site);
    const starts = lineStarts(body);
    const id = idIn(body);
    // Which of two flavors of one name it is, the line of the flavor alone does not tell.
    if (!starts || id === undefined || flavors.areAmbiguous) {
      const parsed = JSON.parse(body) as Body;
      lastId = String(parsed['id']);
      return JSON.stringify(isUnknown ? unknownServer(asked, parsed) : detailedServer(asked, parsed, flavors));
    }
    lastId = id;
    const shown = isUnknown ? body.slice(0, starts[1]! - 1) + unknownStatus : piecesOf(body, starts, pieces);
    return `${shown}${links(id)}}`;
  });
  return { text: servers.join(','), count: rows.length, lastId };
}

function piecesShown(asked: Asked, flavors: NamedFlavors): Piece[] {
  const pieces: Piece[] = [];
  serverLines.forEach(([field], line) => {
    const change = field === undefined ? undefined : reshaped(asked, field, flavors);
    const last = pieces.at(-1);
    if (field !== undefined && !isShown(asked, field)) return;
    const repeated = field === undefined ? undefined : shownAgain(asked, field);
    if (repeated) pieces.push({ line, reshape: remembering((kept) => kept + lineText(repeated, valueIn(kept))) });
    else if (change) pieces.push({ line, reshape: remembering((kept) => lineText(field!, change(valueIn(kept)))) });
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
function remembering(write: (line: string) => string): (line: string) => string {
  const written = new Map<string, string>();
  return (line) => {
    let text = written.get(line);
    if (text === undefined) written.set(line, (text = write(line)));
    return text;
  };
}

function piecesOf(body: string, starts: readonly number[], pieces: readonly Piece[]): string {
  let shown = '';
  for (const piece of pieces) {
    // Lines end before the line feed, or, the last, before the brace: one character each.
    if ('to' in piece) shown += body.slice(starts[piece.from], starts[piece.to]! - 1);
    else shown += piece.reshape(body.slice(starts[piece.line], starts[piece.line + 1]! - 1));
  }
  return shown;
}

/** Where the lines of a body start, and its end; undefined where it is in other lines than servers are kept in now. */
function lineStarts(body: string): number[] | undefined {
  const starts = [0];
  for (let at = body.indexOf(lineFeed); at >= 0; at = body.indexOf(lineFeed, at + 1)) {
    starts.push(at + 1);
    if (starts.length > serverLines.length) return undefined;
  }
  starts.push(body.length);
  return starts.length === serverLines.length + 1 ? starts : undefined;
}

const idStart = '{"id":"';

/** The id at the start of a body; undefined where it is not plain text. */
function idIn(body: string): string | undefined {
  if (!body.startsWith(idStart)) return undefined;
  const id = body.slice(idStart.length, body.indexOf('"', idStart.length));
  return id.includes('\\') ? undefined : id;
}
