/** The log of Nova's usage audit: every site is one host of it. */
import { bodyOf, withBody } from '@cascade/openstack-protocol/message.js';
import { route, type Answer, type Route } from '@cascade/openstack-protocol/server/route.js';
import { fanOut, answersOrRefusal } from '../routing/fan-out.js';
import type { World } from '../routing/world.js';

export const auditLogRoutes = (world: World): Route[] => [
  route('GET /os-instance_usage_audit_log', 'admin', merged(world, 'instance_usage_audit_logs')),
  route('GET /os-instance_usage_audit_log/{before_timestamp}', 'admin', merged(world, 'instance_usage_audit_log')),
];

/** What a site says of all its hosts. */
export interface AuditLog {
  readonly period_beginning: string;
  readonly period_ending: string;
  readonly num_hosts: number;
  readonly num_hosts_done: number;
  readonly num_hosts_running: number;
  readonly num_hosts_not_run: number;
  readonly total_instances: number;
  readonly total_errors: number;
  readonly overall_status: string;
}

function merged(world: World, key: string): Answer {
  return async (asked) => {
    const { answers, refusal } = answersOrRefusal(await fanOut(world, asked));
    if (refusal) return refusal;
    const logs = answers.map(({ site, response }) => ({
      host: site.name,
      log: (bodyOf(response) as Record<string, AuditLog>)[key]!,
    }));
    return withBody(answers[0]!.response, { [key]: mergeLogs(logs) });
  };
}

/** A site is done when all its hosts are, and has not run when none of them has. */
const stateOf = (log: AuditLog): 'DONE' | 'RUNNING' | undefined =>
  log.num_hosts_done === log.num_hosts ? 'DONE' : log.num_hosts_not_run === log.num_hosts ? undefined : 'RUNNING';

export function mergeLogs(sites: readonly { host: string; log: AuditLog }[]) {
  const first = sites[0]?.log;
  const hostsIn = (state: ReturnType<typeof stateOf>) =>
    sites.filter(({ log }) => stateOf(log) === state).map(({ host }) => host);
  const done = hostsIn('DONE').length;
  const errors = sites.reduce((sum, { log }) => sum + log.total_errors, 0);
  const ran = sites.flatMap(({ host, log }) => {
    const { total_instances: instances, overall_status: message } = log;
    const state = stateOf(log);
    return state ? [[host, { state, instances, errors: log.total_errors, message }] as const] : [];
  });
  return {
    period_beginning: first?.period_beginning,
    period_ending: first?.period_ending,
    num_hosts: sites.length,
    num_hosts_done: done,
    num_hosts_running: hostsIn('RUNNING').length,
    num_hosts_not_run: hostsIn(undefined).length,
    hosts_not_run: hostsIn(undefined),
    total_instances: sites.reduce((sum, { log }) => sum + log.total_instances, 0),
    total_errors: errors,
    overall_status: `${done === sites.length ? 'ALL' : `${done} of ${sites.length}`} hosts done. ${errors} errors.`,
    log: Object.fromEntries(ran),
  };
}
