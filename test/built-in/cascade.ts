/** A cascade with its built-in identity, as it starts with an empty database, and logins to it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { startCascade, type Cascade } from '../../src/cascade.js';
import { loadConfig, type Config } from '../../src/config.js';
import { testDatabase } from '../../src/database/testing.js';
import type { Database } from '../../src/database/database.js';
import { adminCredential, demoCredential } from '../../src/identity/first-logins.js';
import { freePort, send, type Answer, type Call } from '../cascade.js';

export interface User {
  readonly id: string;
  readonly password: string;
}

export interface BuiltInCascade {
  readonly cascade: Cascade;
  readonly database: Database;
  readonly url: string;
  readonly dataDir: string;
  readonly config: Config;
  /** What the cascade logged, line by line. */
  readonly logged: string[];
  readonly admin: string;
  readonly demo: string;
  readonly adminProject: string;
  readonly demoProject: string;
  readonly demoUser: User;
  /** Below `/identity/v3`. */
  ask(method: string, below: string, token?: string, body?: unknown, headers?: Call['headers']): Promise<Answer>;
  /** As the administrator, who expects it to succeed: what stands below the only key of the answer. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  make(method: string, below: string, body?: unknown): Promise<any>;
  login(identity: unknown, scope?: unknown): Promise<Answer>;
  /** @returns the token */
  loginAs(user: User, projectId?: string): Promise<string>;
  newUser(name: string, projectId?: string, role?: string): Promise<User>;
  roleId(name: string): Promise<string>;
  close(): Promise<void>;
}

export const byPassword = ({ id, password }: User) => ({ methods: ['password'], password: { user: { id, password } } });

export async function startBuiltInCascade(changes: Partial<Config> = {}): Promise<BuiltInCascade> {
  const { database, close: dropDatabase } = await testDatabase();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'cascade-identity-'));
  const port = await freePort();
  const environment = { CASCADE_DATA_DIR: dataDir, CASCADE_LISTEN: `127.0.0.1:${port}`, DATABASE_URL: database.url };
  const config = { ...loadConfig(environment), passwordHashRounds: 6, ...changes };
  const logged: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });
  const cascade = await startCascade(config, log);
  const url = `http://127.0.0.1:${port}`;

  const ask: BuiltInCascade['ask'] = (method, below, token, body, headers = {}) =>
    send(method, `${url}/identity/v3${below}`, { token, body, headers });
  const login: BuiltInCascade['login'] = (identity, scope) =>
    ask('POST', '/auth/tokens', undefined, { auth: { identity, ...(scope === undefined ? {} : { scope }) } });
  const first = async (credential: typeof demoCredential) => {
    const { username, password } = (await credential(dataDir))!;
    const domain = { name: 'Default' };
    const user = { name: username, domain, password };
    const { body, headers } = await login(
      { methods: ['password'], password: { user } },
      { project: { name: username, domain } },
    );
    return {
      token: headers['x-subject-token']!,
      projectId: body.token.project.id as string,
      user: { id: body.token.user.id as string, password },
    };
  };
  const [admin, demo] = [await first(adminCredential), await first(demoCredential)];

  const make: BuiltInCascade['make'] = async (method, below, body) => {
    const answer = await ask(method, below, admin.token, body);
    if (answer.status >= 300) throw new Error(`${method} ${below}: ${answer.status} ${answer.text}`);
    return Object.values((answer.body ?? {}) as object)[0];
  };
  const roleId = async (name: string): Promise<string> => (await make('GET', `/roles?name=${name}`))[0].id;
  const loginAs: BuiltInCascade['loginAs'] = async (user, projectId) => {
    const scope = projectId === undefined ? 'unscoped' : { project: { id: projectId } };
    const { status, headers, text } = await login(byPassword(user), scope);
    if (status !== 201) throw new Error(text);
    return headers['x-subject-token']!;
  };
  return {
    cascade,
    database,
    url,
    dataDir,
    config,
    logged,
    ask,
    make,
    login,
    loginAs,
    roleId,
    admin: admin.token,
    demo: demo.token,
    adminProject: admin.projectId,
    demoProject: demo.projectId,
    demoUser: demo.user,
    newUser: async (name, projectId, role) => {
      const password = `${name}'s secret`;
      const { id } = await make('POST', '/users', { user: { name, password } });
      if (projectId && role) await make('PUT', `/projects/${projectId}/users/${id}/roles/${await roleId(role)}`);
      return { id, password };
    },
    close: async () => {
      await cascade.close();
      await dropDatabase();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
