/**
 * A Keystone for measurements: it knows the token `admin`, and for each project of bench/population.ts the token
 * `member-0`, `member-1` … of a member of it. Everybody's password opens the administrator's session.
 *
 *   npx tsx bench/keystone.ts [PORT, 8750 without]       then  CASCADE_KEYSTONE_URL=http://127.0.0.1:8750
 */
import { createServer } from 'node:http';
import { projectCount, projectId, userId } from './population.js';

const port = Number(process.argv[2] ?? 8750);
const domain = { id: 'default', name: 'Default' };

/** What a token says, or undefined for one that nobody was given. */
function tokenBody(token: string): object | undefined {
  const member = /^member-(\d+)$/.exec(token)?.[1];
  if (token !== 'admin' && (member === undefined || Number(member) >= projectCount)) return undefined;
  const [user, project, roles] =
    member === undefined
      ? ['ad0000000000000000000000000000ad', 'ad0000000000000000000000000000ad', ['admin', 'member', 'reader']]
      : [userId(Number(member)), projectId(Number(member)), ['member', 'reader']];
  return {
    methods: ['password'],
    user: { id: user, name: token, domain, password_expires_at: null },
    project: { id: project, name: token, domain },
    roles: roles.map((name) => ({ id: name, name })),
    catalog: [],
    audit_ids: [token],
    issued_at: '2026-01-01T00:00:00.000000Z',
    expires_at: '2100-01-01T00:00:00.000000Z',
  };
}

createServer((request, response) => {
  const isLogin = request.method === 'POST';
  const subject = isLogin ? 'admin' : String(request.headers['x-subject-token'] ?? '');
  const token = request.url?.startsWith('/v3/auth/tokens') ? tokenBody(subject) : undefined;
  const error = { code: 404, title: 'Not Found', message: 'Could not find token.' };
  request.resume();
  request.once('end', () => {
    response.writeHead(token ? (isLogin ? 201 : 200) : 404, {
      'content-type': 'application/json',
      ...(token ? { 'x-subject-token': subject } : {}),
    });
    response.end(JSON.stringify(token ? { token } : { error }));
  });
}).listen(port, '127.0.0.1');
