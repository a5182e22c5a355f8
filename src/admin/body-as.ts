/** Bodies that operators send. */
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { parseJsonObject, readAll } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';

const largestBytes = 100_000;

/** @throws Fault 400 naming each field that is wrong */
export async function bodyAs<T>(request: FastifyRequest, schema: z.ZodType<T>): Promise<T> {
  const body = parseJsonObject(await readAll(request.raw, largestBytes), request.headers['content-type']);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Fault(
    'bad-request',
    parsed.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; '),
  );
}
