/** Whether the Keystone of the configuration is there; the cascade starts without it, since it may come later. */
import type { Logger } from 'pino';
import { HttpClient } from '@cascade/openstack-protocol/client/http.js';
import { bodyOf } from '@cascade/openstack-protocol/message.js';
import type { Config } from '../config.js';

const deadlineMs = 10_000;

/** Warns where nothing answers at `CASCADE_KEYSTONE_URL`, or something that is no Keystone. Never throws. */
export async function warnOfSilentKeystone(
  { url, verifyTls }: NonNullable<Config['keystone']>,
  log: Logger,
): Promise<void> {
  const problem = await problemAt(url, verifyTls);
  if (problem === undefined) return;
  log.warn(
    { event: 'keystone.unreachable', url },
    `CASCADE_KEYSTONE_URL: ${problem}. Until a Keystone answers at ${url}, nobody can log in; correct the URL if it is wrong.`,
  );
}

async function problemAt(url: string, verifyTls: boolean): Promise<string | undefined> {
  const http = new HttpClient({ connections: 1, verifyTls });
  try {
    const answer = await http.send({ method: 'GET', url: `${url}/v3`, headers: {}, deadlineMs });
    const { version } = (bodyOf(answer) ?? {}) as { version?: { id?: unknown } };
    const isKeystone = typeof version?.id === 'string' && version.id.startsWith('v3');
    return isKeystone ? undefined : `${url}/v3 is no Keystone (it answers ${answer.status})`;
  } catch (error) {
    return `${url} does not answer (${(error as Error).message})`;
  } finally {
    await http.close();
  }
}
