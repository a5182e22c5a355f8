/** To the audit a site is one host: done when all of its own are. */
import { expect, test } from 'vitest';
import { mergeLogs, type AuditLog } from './audit-log.js';

const said = (num_hosts: number, num_hosts_done: number, num_hosts_not_run: number, total_errors = 0): AuditLog => ({
  period_beginning: '2026-10-01 00:00:00',
  period_ending: '2026-11-01 00:00:00',
  num_hosts,
  num_hosts_done,
  num_hosts_not_run,
  num_hosts_running: num_hosts - num_hosts_done - num_hosts_not_run,
  total_instances: 10,
  total_errors,
  overall_status: `${num_hosts_done} of ${num_hosts} hosts done.`,
});

test('done, running and not run', () => {
  const merged = mergeLogs([
    { host: 'east', log: said(2, 2, 0) },
    { host: 'west', log: said(2, 1, 1, 3) },
    { host: 'north', log: said(2, 0, 2) },
  ]);
  expect(merged).toMatchObject({
    num_hosts: 3,
    num_hosts_done: 1,
    num_hosts_running: 1,
    num_hosts_not_run: 1,
    hosts_not_run: ['north'],
    total_instances: 30,
    overall_status: '1 of 3 hosts done. 3 errors.',
    log: { east: { state: 'DONE', errors: 0 }, west: { state: 'RUNNING', errors: 3 } },
  });
  expect(Object.keys(merged.log)).toEqual(['east', 'west']);
});

test('all done', () => {
  expect(mergeLogs([{ host: 'east', log: said(1, 1, 0) }]).overall_status).toBe('ALL hosts done. 0 errors.');
});
