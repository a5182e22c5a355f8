/** The body of `POST /auth/tokens`, parsed. @see openstack/keystone:keystone/auth/schema.py */
import { z } from 'zod';
import { expected } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import type { Asked } from '../asked.js';
import { invalid } from '../refusals.js';

const named = z.object({ id: z.string().optional(), name: z.string().optional() });
const inDomain = named.extend({ domain: named.optional() });

const auth = z.object({
  identity: z.object({
    methods: z.array(z.string()),
    password: z.object({ user: inDomain.extend({ password: z.string().optional() }) }).optional(),
    token: z.object({ id: z.string() }).optional(),
    application_credential: named.extend({ secret: z.string().optional(), user: inDomain.optional() }).optional(),
  }),
  scope: z.preprocess(
    (scope) => (scope === 'unscoped' ? { unscoped: {} } : scope),
    z
      .object({
        project: inDomain.optional(),
        domain: named.optional(),
        system: z.object({ all: z.boolean() }).optional(),
        'OS-TRUST:trust': z.object({ id: z.string() }).optional(),
        unscoped: z.object({}).optional(),
      })
      .optional(),
  ),
});

export type Login = z.infer<typeof auth>;
export type Reference = z.infer<typeof named>;
export type ReferenceInDomain = z.infer<typeof inDomain>;

export type AskedScope =
  | { readonly kind: 'none' | 'unscoped' | 'system' }
  | { readonly kind: 'project'; readonly project: ReferenceInDomain }
  | { readonly kind: 'domain'; readonly domain: Reference }
  | { readonly kind: 'trust'; readonly id: string };

/** @throws Fault 400, which repeats nothing of what was sent */
export async function loginIn(asked: Asked): Promise<Login> {
  const body = await asked.readJson();
  if (body['auth'] === undefined) throw expected('auth', 'request body');
  const parsed = auth.safeParse(body['auth']);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw invalid(path.length === 0 ? message : `Invalid input for field '${path.join('/')}': ${message}`);
}

/** @throws Fault 400 where several scopes are asked for, or none of those there are */
export function scopeIn({ scope }: Login): AskedScope {
  if (scope === undefined) return { kind: 'none' };
  const { project, domain, system, unscoped, 'OS-TRUST:trust': trust } = scope;
  const scopes: AskedScope[] = [
    ...(project ? [{ kind: 'project' as const, project: identified(project, 'project') }] : []),
    ...(domain ? [{ kind: 'domain' as const, domain: identified(domain, 'domain') }] : []),
    ...(system?.all ? [{ kind: 'system' as const }] : []),
    ...(trust ? [{ kind: 'trust' as const, id: trust.id }] : []),
    ...(unscoped ? [{ kind: 'unscoped' as const }] : []),
  ];
  const [only, ...others] = scopes;
  if (!only || others.length > 0) throw expected('system, project, domain, OS-TRUST:trust or unscoped', 'scope');
  return only;
}

/** @throws Fault 400 */
export function identified<Of extends Reference>(reference: Of, what: string): Of {
  if (reference.id !== undefined || reference.name !== undefined) return reference;
  throw invalid(`Invalid input for field '${what}': id or name must be present.`);
}
