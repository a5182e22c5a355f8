/** What services tell Nova about its servers. @see openstack/nova:nova/api/openstack/compute/schemas/server_external_events.py */
import { atLeast, type Microversion } from '../microversion.js';
import { bodyCheck } from './nova-schema.js';
import { uuid } from './parameter-types.js';

export interface ExternalEvent {
  readonly server_uuid: string;
  readonly name: string;
  readonly status?: 'failed' | 'completed' | 'in-progress';
  readonly tag?: string;
}

const names = ['network-changed', 'network-vif-plugged', 'network-vif-unplugged', 'network-vif-deleted'];
const laterNames: readonly [string, string][] = [
  ['2.51', 'volume-extended'],
  ['2.76', 'power-update'],
  ['2.82', 'accelerator-request-bound'],
  ['2.93', 'volume-reimaged'],
];

const check = (known: string[]) =>
  bodyCheck({
    type: 'object',
    properties: {
      events: {
        type: 'array',
        minItems: 1,
        items: {
          type: 'object',
          properties: {
            server_uuid: uuid,
            name: { type: 'string', enum: known },
            status: { type: 'string', enum: ['failed', 'completed', 'in-progress'] },
            tag: { type: 'string', maxLength: 255 },
          },
          required: ['server_uuid', 'name'],
          additionalProperties: false,
        },
      },
    },
    required: ['events'],
    additionalProperties: false,
  });

/** Oldest first: each knows one name more. */
const checks = laterNames.reduce(
  (known, [since, name]) => {
    const all = [...(known.at(-1)?.names ?? []), name];
    return [...known, { since, names: all, run: check(all) }];
  },
  [{ since: '2.1', names, run: check(names) }],
);

/** The events of a body that are known at a microversion. @throws Fault 400 in Nova's words */
export function externalEvents(body: Record<string, unknown>, microversion: Microversion | undefined): ExternalEvent[] {
  checks
    .filter(({ since }) => atLeast(microversion, since))
    .at(-1)
    ?.run(body);
  return body['events'] as ExternalEvent[];
}
