/** `/simulation`: what the cloud has inside, and which faults it has. */
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { readAll, tryJson } from '@cascade/openstack-protocol/server/body.js';
import { faultKinds, faultSpec } from './fault-spec.js';
import type { Faults } from './faults.js';
import { adminPrefix } from './hooks.js';

/** Header that carries the key. */
export const keyHeader = 'x-simulation-key';

export interface Simulated {
  readonly faults: Faults;
  /** What is told about the cloud. */
  describe(): Record<string, unknown>;
}

const mostBytes = 10_000;

/** @param key without which nothing is answered */
export function addAdminRoutes(server: FastifyInstance, { faults, describe }: Simulated, key: string): void {
  const answer =
    (run: (request: FastifyRequest) => unknown) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      if (!isKey(request.headers[keyHeader], key)) {
        return reply.code(403).send({ error: { message: `${keyHeader} is missing or wrong` } });
      }
      try {
        return reply.send(await run(request));
      } catch (error) {
        if (!(error instanceof z.ZodError)) throw error;
        const message = error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; ');
        return reply.code(400).send({ error: { message } });
      }
    };
  server.get(
    adminPrefix,
    answer(() => describe()),
  );
  server.get(
    `${adminPrefix}/faults`,
    answer(() => ({ faults: faults.list() })),
  );
  server.put(
    `${adminPrefix}/faults`,
    answer(async (request) => ({
      fault: faults.set(fromOutside.parse(tryJson(await readAll(request.raw, mostBytes)))),
    })),
  );
  server.delete(
    `${adminPrefix}/faults`,
    answer(() => {
      faults.clear();
      return { faults: [] };
    }),
  );
  server.delete(
    `${adminPrefix}/faults/:kind`,
    answer((request) => {
      faults.clear(z.enum(faultKinds).parse((request.params as { kind: string }).kind));
      return { faults: faults.list() };
    }),
  );
}

/** Who makes a cloud refuse connections cannot reach it to end that. */
const fromOutside = faultSpec.refine(({ kind, seconds }) => kind !== 'refused' || seconds !== undefined, {
  path: ['seconds'],
  message: 'is needed, since nobody can end a refusal from outside',
});

function isKey(given: unknown, key: string): boolean {
  const [a, b] = [Buffer.from(String(given)), Buffer.from(key)];
  return a.length === b.length && timingSafeEqual(a, b);
}
