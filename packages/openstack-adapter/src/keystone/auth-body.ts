/** The body of a login, against Keystone's schema. @see openstack/keystone:keystone/auth/schema.py */
import { isObject } from '@cascade/openstack-protocol/server/body.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { expected } from '@cascade/openstack-protocol/identity/keystone-faults.js';
import { firstErrorOf, pointerSteps } from '@cascade/openstack-protocol/compute/nova-schema.js';
import { validationReport } from '@cascade/openstack-protocol/validation/validation-report.js';

const string = { type: 'string' };
const named = { type: 'object', properties: { id: string, name: string } };

const schema = {
  type: 'object',
  properties: {
    identity: {
      type: 'object',
      properties: {
        methods: { type: 'array', items: string },
        password: {
          type: 'object',
          properties: {
            user: { type: 'object', properties: { id: string, name: string, password: string, domain: named } },
          },
        },
        token: { type: 'object', properties: { id: string }, required: ['id'] },
      },
      required: ['methods'],
    },
    scope: {
      type: ['object', 'string'],
      properties: {
        project: { type: 'object', properties: { name: string, id: string, domain: named } },
        domain: named,
        'OS-TRUST:trust': { type: 'object', properties: { id: string } },
        system: { type: 'object', properties: { all: { type: 'boolean', enum: [true, false] } } },
      },
    },
  },
  required: ['identity'],
};

export interface Named {
  readonly id?: string;
  readonly name?: string;
}
export interface Auth {
  readonly identity: Readonly<Record<string, unknown>> & { readonly methods: readonly string[] };
  readonly scope?: string | { readonly project?: Named & { readonly domain?: Named }; readonly domain?: Named };
}

const firstError = firstErrorOf(schema);
const report = validationReport(schema);

/** @throws Fault 400 */
export function readAuth({ auth }: Record<string, unknown>): Auth {
  if (auth === undefined || auth === null) throw expected('auth', 'request body');
  const error = firstError(auth);
  if (error) {
    const path = pointerSteps(error.instancePath).join('/');
    throw new Fault('bad-request', `${path === '' ? '' : `Invalid input for field '${path}': `}${report(auth)}`);
  }
  for (const path of namedPaths) requireName(auth, path);
  return auth as Auth;
}

const namedPaths = [
  'identity/password/user',
  'identity/password/user/domain',
  'scope/project',
  'scope/project/domain',
  'scope/domain',
];

function requireName(auth: unknown, path: string): void {
  const thing = path.split('/').reduce<unknown>((at, step) => (isObject(at) ? at[step] : undefined), auth);
  if (!isObject(thing) || 'id' in thing || 'name' in thing) return;
  throw new Fault('bad-request', `Invalid input for field ${path}: id or name must be present.`);
}
