/** For tests: a Cinder behind a front door, new for each test, and what is often asked of it. */
import { expect } from 'vitest';
import { Images } from '../image/images.js';
import { behindDoor, eventually, factsOf, type Ask } from '../testing.js';
import { volumeRoutes } from './routes.js';
import { Volumes } from './volumes.js';

export let volumes: Volumes;
export let images: Images;
export let ask: Ask;

/** Before each test. */
export function begin(): void {
  const facts = factsOf();
  images = new Images(facts);
  volumes = new Volumes(facts, images);
  const plain = behindDoor('volume', volumeRoutes({ volumes }));
  // The project of each caller's token stands in the path.
  ask = (who, call, options = {}) => plain(who, call.replace(' /', ` /v3/`), { version: '3.70', ...options });
}

export const make = async (fields = {}, who = 'demo') => {
  const { status, body } = await ask(who, 'POST /volumes', { body: { volume: { size: 1, name: 'v', ...fields } } });
  expect(status, JSON.stringify(body)).toBe(202);
  return body.volume;
};
export const show = async (path: string, key: string, who = 'demo') => (await ask(who, `GET /${path}`)).body[key];
export const ready = async (fields = {}) => {
  const { id } = await make(fields);
  await becomes(`volumes/${id}`, 'volume', 'available');
  return id as string;
};
export const becomes = (path: string, key: string, status: string) =>
  eventually(async () => (await show(path, key))?.status === status);
export const gone = (path: string) => eventually(async () => (await ask('demo', `GET /${path}`)).status === 404);
export const act = (id: string, body: object, who = 'demo') => ask(who, `POST /volumes/${id}/action`, { body });
export const post = async (path: string, key: string, body: object, who = 'demo') => {
  const answer = await ask(who, `POST /${path}`, { body: { [key]: body } });
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body[key];
};
export const words = ({ status, body }: { status: number; body: Record<string, { message: string }> }) => [
  status,
  Object.values(body)[0]!.message,
];
