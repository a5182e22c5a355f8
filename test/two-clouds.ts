/** A cascade over two simulated clouds whose feeds go on by themselves: for tests of what goes from site to site. */
import { request } from 'undici';
import { send, type Answer } from './cascade.js';
import { startSimulatedCascade, type SimulatedCascade } from './simulated-cascade.js';

export interface TwoClouds extends Omit<SimulatedCascade, 'admin' | 'until'> {
  /** As the administrator, who is every project's in the simulated clouds. */
  ask(method: string, below: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** An image of random bytes, in the zone of the caller's project. */
  newImage(bytes: Buffer, fields?: Record<string, unknown>): Promise<string>;
}

export async function startTwoClouds(settings: Record<string, string> = {}): Promise<TwoClouds> {
  const clouds = await startSimulatedCascade({
    CASCADE_FEED_SECONDS: '0.5',
    CASCADE_RECONCILE_SECONDS: '30',
    ...settings,
  });
  const { url, token } = clouds;
  const ask: TwoClouds['ask'] = (method, below, body, headers = {}) =>
    send(method, url + below, { token, body, headers });
  const newImage: TwoClouds['newImage'] = async (bytes, fields = {}) => {
    const record = { name: 'i', disk_format: 'raw', container_format: 'bare', ...fields };
    const { body } = await ask('POST', '/image/v2/images', record);
    const id = body.id as string;
    const headers = { 'x-auth-token': token, 'content-type': 'application/octet-stream' };
    const { statusCode } = await request(`${url}/image/v2/images/${id}/file`, { method: 'PUT', headers, body: bytes });
    if (statusCode !== 204) throw new Error(`upload: ${statusCode}`);
    return id;
  };
  return { ...clouds, ask, newImage };
}
