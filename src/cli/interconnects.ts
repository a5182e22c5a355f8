/** `cascade interconnect …` */
import Table from 'cli-table3';
import { rangesInWords, type NumberRange } from '../interconnect/interconnect.js';
import type { ShownInterconnect, ShownInterconnectInFull } from '../interconnect/views.js';
import { CommandFailed } from './command-failed.js';
import { ask } from './operator-client.js';
import { grouped, say } from './words.js';

export interface AddInterconnect {
  readonly type: string;
  readonly site: readonly string[];
  readonly range: readonly string[];
  readonly anyVni: boolean;
  readonly default: boolean;
}

export interface ChangeInterconnect {
  readonly site: readonly string[];
  readonly removeSite: readonly string[];
  readonly range: readonly string[];
  readonly removeRange: readonly string[];
  readonly anyVni?: boolean;
  readonly default?: boolean;
}

interface Shown {
  readonly interconnect: ShownInterconnectInFull;
}

const urlOf = (name: string): string => `/interconnects/${encodeURIComponent(name)}`;

export async function addInterconnect(name: string, options: AddInterconnect): Promise<void> {
  const { interconnect } = await ask<Shown>('POST', '/interconnects', {
    name,
    type: options.type,
    sites: options.site.map(memberIn),
    ranges: options.range.map(rangeIn),
    any_vni: options.anyVni,
    is_default: options.default,
  });
  tell(interconnect);
}

export async function changeInterconnect(name: string, options: ChangeInterconnect): Promise<void> {
  const { interconnect } = await ask<Shown>('PATCH', urlOf(name), {
    sites: options.site.map(memberIn),
    remove_sites: options.removeSite,
    add_ranges: options.range.map(rangeIn),
    remove_ranges: options.removeRange.map(rangeIn),
    any_vni: options.anyVni,
    is_default: options.default,
  });
  tell(interconnect);
}

export async function listInterconnects(options: { json?: boolean }): Promise<void> {
  const { interconnects } = await ask<{ interconnects: ShownInterconnect[] }>('GET', '/interconnects');
  if (options.json) return say(JSON.stringify(interconnects, null, 2));
  const head = ['Name', 'Type', 'Sites', 'Ranges', 'Segments in use', 'Default'];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const one of interconnects) {
    const used = grouped(one.segments_used);
    table.push([one.name, one.type, sitesOf(one), rangesInWords(one.ranges), used, one.is_default ? 'yes' : '']);
  }
  say(table.toString());
}

export async function showInterconnect(name: string, options: { json?: boolean }): Promise<void> {
  const { interconnect } = await ask<Shown>('GET', urlOf(name));
  if (options.json) return say(JSON.stringify(interconnect, null, 2));
  const table = new Table({ style: { head: [], border: [] } });
  table.push(['Name', interconnect.name], ['Type', interconnect.type]);
  for (const { site, physical_network: where } of interconnect.sites) table.push([`Site ${site}`, where ?? '']);
  const inRanges = grouped(interconnect.segments_in_ranges);
  table.push(['Ranges', `${rangesInWords(interconnect.ranges) || 'none'} (${inRanges} segments)`]);
  if (interconnect.any_vni) table.push(['Joined as they are', 'networks of any VNI']);
  if (interconnect.is_default) table.push(['Default', 'networks that name no zone are given a segment of it']);
  for (const { number, network_id: id, is_own: own } of interconnect.segments)
    table.push([`Segment ${number}`, id === null ? 'being made' : `network ${id}${own ? ', by itself' : ''}`]);
  for (const { number, site, until } of interconnect.blocked)
    table.push([`Number ${number}`, `in use for something else in ${site}; not given out until ${String(until)}`]);
  for (const words of interconnect.warnings) table.push(['Warning', words]);
  say(table.toString());
}

export async function removeInterconnect(name: string): Promise<void> {
  await ask('DELETE', urlOf(name));
  say(`Interconnect ${name} joins nothing any more.`);
}

function tell(interconnect: ShownInterconnectInFull): void {
  for (const warning of interconnect.warnings) say(`warning: ${warning}`);
  const { name, type, segments_in_ranges: segments } = interconnect;
  say(`Interconnect ${name} (${type}) joins ${sitesOf(interconnect)}, with ${grouped(segments)} segments to give.`);
}

const sitesOf = ({ sites }: ShownInterconnect): string => sites.map(({ site }) => site).join(', ');

/** `east=physnet1`, or `east` */
function memberIn(text: string): { site: string; physical_network: string | null } {
  const [site = '', ...rest] = text.split('=');
  return { site, physical_network: rest.length === 0 ? null : rest.join('=') };
}

/** `100:199`, or `100` @throws CommandFailed */
function rangeIn(text: string): NumberRange {
  const [, first, last = first] = /^(\d{1,8})(?::(\d{1,8}))?$/.exec(text) ?? [];
  if (first === undefined) throw new CommandFailed(`a range is FIRST:LAST, not '${text}'`);
  return { minimum: Number(first), maximum: Number(last) };
}
