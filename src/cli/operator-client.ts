/** The operator's side of `/cascade/v1`. */
import { HttpClient, NoAnswer } from '@cascade/openstack-protocol/client/http.js';
import { KeystoneSession, LoginRefused } from '@cascade/openstack-protocol/client/keystone-session.js';
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import { CommandFailed } from './command-failed.js';
import { loginFrom } from './login.js';

/** Nobody answered: it may be starting again. */
export class CascadeSilent extends CommandFailed {}

/** @throws CommandFailed with the cascade's words */
export type Ask = <T>(method: string, path: string, body?: unknown) => Promise<T>;

/** One question. */
export const ask: Ask = (method, path, body) => withOperator((askOne) => askOne(method, path, body));

/** Questions of one session: one login for all of them. @param work also given the session with the operator's Keystone */
export async function withOperator<Result>(
  work: (ask: Ask, keystone: KeystoneSession) => Promise<Result>,
): Promise<Result> {
  const http = new HttpClient({ connections: 8, verifyTls: process.env['OS_INSECURE'] !== 'true' });
  try {
    const { authUrl, credential } = await loginFrom(process.env);
    const session = new KeystoneSession(http, authUrl, credential, 30_000);
    return await work(
      (method, path, body) => askOnce(http, session, `${cascadeUrl(authUrl)}/cascade/v1${path}`, method, body),
      session,
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
    throw inPlainWords(error);
  }
}

/** The same error for people. */
export function inPlainWords(error: unknown): unknown {
  if (error instanceof NoAnswer) return new CascadeSilent(`no answer: ${error.message}. Is the cascade running?`);
  if (error instanceof LoginRefused) return new CommandFailed(`login refused: ${error.message}`);
  return error;
}

/** The cascade is where its identity endpoint is, unless CASCADE_URL says otherwise. */
export function cascadeUrl(authUrl: string): string {
  const explicit = process.env['CASCADE_URL'];
  return (explicit ?? authUrl.replace(/\/identity(\/v3)?\/?$/, '')).replace(/\/+$/, '');
}
