/** The operator's side of `/cascade/v1`: logs in with the usual OS_* variables and asks. */
import { HttpClient, NoAnswer } from '../openstack/client/http.js';
import { KeystoneSession, LoginRefused, type Credential } from '../openstack/client/keystone-session.js';
import { bodyOf } from '../openstack/message.js';

/** Ends the command with one sentence. */
export class CommandFailed extends Error {}

/** Nobody answered: it may be starting again. */
export class CascadeSilent extends CommandFailed {}

/** @throws CommandFailed with the cascade's words */
export type Ask = <T>(method: string, path: string, body?: unknown) => Promise<T>;

/** One question. */
export const ask: Ask = (method, path, body) => withOperator((askOne) => askOne(method, path, body));

/** Questions of one session: one login for all of them. */
export async function withOperator<Result>(work: (ask: Ask) => Promise<Result>): Promise<Result> {
  const http = new HttpClient({ connections: 8, verifyTls: process.env['OS_INSECURE'] !== 'true' });
  try {
    const authUrl = need('OS_AUTH_URL');
    const session = new KeystoneSession(http, authUrl, credential(), 30_000);
    return await work((method, path, body) =>
      askOnce(http, session, `${cascadeUrl(authUrl)}/cascade/v1${path}`, method, body),
    );
  } finally {
    await http.close();
  }
}

async function askOnce<T>(
  http: HttpClient,
  session: KeystoneSession,
  url: string,
  method: string,
  body: unknown,
): Promise<T> {
  try {
    const { token } = await session.get();
    const response = await http.send({
      method,
      url,
      headers: { 'x-auth-token': token, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) }),
      deadlineMs: 120_000,
    });
    const answer = bodyOf(response) as (T & { error?: { message?: string } }) | undefined;
    if (response.status >= 400)
      throw new CommandFailed(answer?.error?.message ?? `the cascade answered ${response.status}`);
    return answer as T;
  } catch (error) {
    if (error instanceof NoAnswer) throw new CascadeSilent(`no answer: ${error.message}. Is the cascade running?`);
    if (error instanceof LoginRefused) throw new CommandFailed(`login refused: ${error.message}`);
    throw error;
  }
}

/** The cascade is where its identity endpoint is, unless CASCADE_URL says otherwise. */
function cascadeUrl(authUrl: string): string {
  const explicit = process.env['CASCADE_URL'];
  return (explicit ?? authUrl.replace(/\/identity(\/v3)?\/?$/, '')).replace(/\/+$/, '');
}

function credential(): Credential {
  const id = process.env['OS_APPLICATION_CREDENTIAL_ID'];
  if (id) return { kind: 'application-credential', id, secret: need('OS_APPLICATION_CREDENTIAL_SECRET') };
  return {
    kind: 'password',
    username: need('OS_USERNAME'),
    password: need('OS_PASSWORD'),
    projectName: need('OS_PROJECT_NAME'),
    userDomain: process.env['OS_USER_DOMAIN_NAME'] ?? process.env['OS_USER_DOMAIN_ID'] ?? 'default',
    projectDomain: process.env['OS_PROJECT_DOMAIN_NAME'] ?? process.env['OS_PROJECT_DOMAIN_ID'] ?? 'default',
  };
}

function need(name: string): string {
  const value = process.env[name];
  if (!value) throw new CommandFailed(`${name} is not set; source the openrc of the cascade's administrator`);
  return value;
}
