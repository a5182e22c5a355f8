/** `cascade site …` */
import Table from 'cli-table3';
import type { ShownSite } from '../admin/show-site.js';
import type { SiteView } from '../sites/views.js';
import { CommandFailed } from './command-failed.js';
import { ask } from './operator-client.js';
import { ago, grouped, say } from './words.js';

interface AddOptions {
  authUrl: string;
  region: string;
  interface: string;
  username?: string;
  password?: string;
  projectName: string;
  userDomain: string;
  projectDomain: string;
  applicationCredentialId?: string;
  applicationCredentialSecret?: string;
  insecure: boolean;
}

type ShownFeed = ShownSite['feeds'][number];

export async function addSite(name: string, options: AddOptions): Promise<void> {
  const { authUrl, region, insecure } = options;
  const body = { name, auth_url: authUrl, region, interface: options.interface, insecure, auth: authOf(options) };
  const { site, warnings } = await ask<{ site: SiteView; warnings: string[] }>('POST', '/sites', body);
  for (const warning of warnings) say(`warning: ${warning}`);
  const { compute, volume } = site.capabilities.microversions;
  say(
    `Site ${name} is an availability zone now (Nova up to ${compute?.max ?? '2.1'}, Cinder up to ${volume?.max ?? 'none'}).`,
  );
  say('What it holds appears within seconds: openstack server list --all-projects');
}

function authOf(options: AddOptions): Record<string, string> {
  if (options.applicationCredentialId) {
    const secret = options.applicationCredentialSecret ?? process.env['CASCADE_SITE_SECRET'];
    if (!secret) throw new CommandFailed('--application-credential-secret is missing');
    return { application_credential_id: options.applicationCredentialId, application_credential_secret: secret };
  }
  const password = options.password ?? process.env['CASCADE_SITE_PASSWORD'];
  if (!options.username || !password) {
    throw new CommandFailed('give --username and --password, or --application-credential-id and its secret');
  }
  return {
    username: options.username,
    password,
    project_name: options.projectName,
    user_domain: options.userDomain,
    project_domain: options.projectDomain,
  };
}

export async function listSites(options: { json?: boolean }): Promise<void> {
  const { sites } = await ask<{ sites: SiteView[] }>('GET', '/sites');
  if (options.json) return say(JSON.stringify(sites, null, 2));
  const table = new Table({ head: ['Name', 'State', 'Health', 'Region', 'Auth URL'], style: { head: [], border: [] } });
  for (const site of sites) table.push([site.name, site.state, healthIn(site), site.region, site.auth_url]);
  say(table.toString());
}

export async function showSite(name: string, options: { json?: boolean }): Promise<void> {
  const { site } = await ask<{ site: ShownSite }>('GET', `/sites/${encodeURIComponent(name)}`);
  if (options.json) return say(JSON.stringify(site, null, 2));
  const table = new Table({ style: { head: [], border: [] } });
  table.push(['Name', site.name], ['State', site.state], ['Auth URL', site.auth_url], ['Region', site.region]);
  for (const [service, { status, since, last_error: reason }] of Object.entries(site.health)) {
    table.push([service, `${status} since ${String(since)}${reason ? ` (${reason})` : ''}`]);
  }
  for (const [service, range] of Object.entries(site.capabilities.microversions)) {
    table.push([`${service} microversions`, `${range.min} to ${range.max}`]);
  }
  table.push(['Network extensions', String(site.capabilities.networkExtensions.length)]);
  table.push(['Oldest feed', `${ago(site.staleness_seconds)} old`]);
  if (site.default_groups_apart > 0) {
    const words = `${site.default_groups_apart} projects have other rules here than they are shown, until they change one`;
    table.push(['Default groups', words]);
  }
  if (site.homed_drift > 0) table.push(['Differing', `${site.homed_drift} security groups or address groups`]);
  for (const { kind, id, error } of site.homed_errors) table.push([`${kind} ${id}`, error]);
  for (const { interconnect, type, physical_network: where } of site.interconnects)
    table.push(['Interconnect', `${interconnect} (${type}${where === null ? '' : ` on ${where}`})`]);
  for (const words of site.warnings) table.push(['Warning', words]);
  for (const feed of site.feeds) table.push([feed.kind, feedInWords(feed)]);
  say(table.toString());
}

export async function setSite(name: string, options: { state: string }): Promise<void> {
  await ask('PATCH', `/sites/${encodeURIComponent(name)}`, { state: options.state });
  say(`Site ${name} is ${options.state}.`);
}

export async function removeSite(name: string, options: { forgetResources: boolean }): Promise<void> {
  await ask('DELETE', `/sites/${encodeURIComponent(name)}${options.forgetResources ? '?forget_resources=true' : ''}`);
  say(`Site ${name} is no longer part of the cascade.`);
}

/** `10,000, read 3 s ago`. */
function feedInWords({
  rows,
  rows_read: soFar,
  age_seconds: age,
  is_suspected: suspected,
  last_error: error,
}: ShownFeed) {
  const read = age === null ? 'never read' : `read ${ago(age)} ago`;
  const words = soFar === null ? `${grouped(rows)}, ${read}` : `${grouped(soFar)} so far, the first read goes on`;
  return `${words}${suspected ? ', to be read anew' : ''}${error ? ` (${error})` : ''}`;
}

function healthIn(site: SiteView): string {
  const silent = Object.entries(site.health).filter(([, { status }]) => status === 'unreachable');
  return silent.length === 0 ? 'reachable' : `unreachable: ${silent.map(([service]) => service).join(', ')}`;
}
