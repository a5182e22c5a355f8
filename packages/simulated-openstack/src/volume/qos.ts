/** QoS specs of volume types. @see openstack/cinder:cinder/api/contrib/qos_specs_manage.py */
import { randomUUID } from 'node:crypto';
import { booleanWord } from '@cascade/openstack-protocol/filters/boolean-word.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import { json, noContent } from '@cascade/openstack-protocol/message.js';
import { route, type Asked, type Route } from '@cascade/openstack-protocol/server/route.js';
import { noSuch, required } from '@cascade/openstack-adapter/volume/refusals.js';
import { bodyUnder, wordsOf } from './asked.js';
import { pageOf } from './list.js';
import { pagedQosSpecs } from './listed.js';
import type { QosSpecs, VolumeType } from './volume.js';
import type { Volumes } from './volumes.js';
import { linksOf } from './view.js';

const of = '/qos-specs/{qos_id}';

export function qosRoutes(volumes: Volumes): Route[] {
  const body = ({ id, name, consumer, specs }: QosSpecs) => ({ id, name, consumer, specs });
  const shown = (asked: Asked, specs: QosSpecs) => ({
    qos_specs: body(specs),
    links: linksOf(asked, 'qos-specs', specs.id),
  });
  const one = ({ params }: Asked): QosSpecs => {
    const specs = volumes.qosSpecs.get(params['qos_id'] ?? '');
    if (!specs) throw pagedQosSpecs.noMarker(params['qos_id'] ?? '');
    return specs;
  };
  const typesOf = ({ id }: QosSpecs): VolumeType[] => [...volumes.types.values()].filter(({ qosId }) => qosId === id);
  const typeIn = ({ query }: Asked): VolumeType => {
    const id = query.get('vol_type_id');
    if (id === null) throw new Fault('bad-request', 'Volume Type id must not be None.');
    const type = volumes.types.get(id);
    if (!type) throw noSuch('Volume type', id);
    return type;
  };
  return [
    route('GET /qos-specs', 'admin', async (asked) =>
      json(200, { qos_specs: pageOf(asked, pagedQosSpecs, [...volumes.qosSpecs.values()]).map(body) }),
    ),
    route('POST /qos-specs', 'admin', async (asked) => {
      const { name, consumer = 'back-end', ...specs } = await bodyUnder(asked, 'qos_specs');
      if (typeof name !== 'string' || name.trim() === '') throw required('name');
      requireConsumer(consumer);
      if ([...volumes.qosSpecs.values()].some((one) => one.name === name))
        throw new Fault('conflict', `QoS Specs ${name} already exists.`);
      const made: QosSpecs = { id: randomUUID(), name, consumer: String(consumer), specs: wordsOf(specs, 'qos_specs') };
      volumes.qosSpecs.set(made.id, made);
      return json(200, shown(asked, made));
    }),
    route(`GET ${of}`, 'admin', async (asked) => json(200, shown(asked, one(asked)))),
    route(`PUT ${of}`, 'admin', async (asked) => {
      const specs = one(asked);
      const given = await bodyUnder(asked, 'qos_specs');
      const { consumer, ...more } = given;
      if (consumer !== undefined) requireConsumer(consumer);
      Object.assign(specs, {
        specs: { ...specs.specs, ...wordsOf(more, 'qos_specs') },
        ...(consumer === undefined ? {} : { consumer }),
      });
      return json(200, { qos_specs: given });
    }),
    route(`PUT ${of}/delete_keys`, 'admin', async (asked) => {
      const specs = one(asked);
      const { keys } = await asked.readJson();
      if (!Array.isArray(keys)) throw required('keys');
      const lacking = keys.find((key) => !Object.hasOwn(specs.specs, String(key)));
      if (lacking !== undefined)
        throw new Fault('bad-request', `QoS spec ${specs.id} has no spec with key ${String(lacking)}.`);
      specs.specs = Object.fromEntries(Object.entries(specs.specs).filter(([key]) => !keys.includes(key)));
      return noContent(202);
    }),
    route(`DELETE ${of}`, 'admin', async (asked) => {
      const specs = one(asked);
      const force = booleanWord(asked.query.get('force') ?? 'false') === true;
      const users = typesOf(specs);
      if (users.length > 0 && !force)
        throw new Fault('bad-request', `QoS Specs ${specs.id} is still associated with entities.`);
      for (const type of users) type.qosId = null;
      volumes.qosSpecs.delete(specs.id);
      return noContent(202);
    }),
    route(`GET ${of}/associations`, 'admin', async (asked) => {
      const users = typesOf(one(asked)).map(({ id, name }) => ({ association_type: 'volume_type', id, name }));
      return json(200, { qos_associations: users });
    }),
    // These are spelled GET, and write all the same.
    route(`GET ${of}/associate`, 'admin', async (asked) => {
      const [specs, type] = [one(asked), typeIn(asked)];
      if (type.qosId !== null && type.qosId !== specs.id)
        throw new Fault(
          'bad-request',
          `Invalid volume type: Type ${type.id} is already associated with another qos specs: ${type.qosId}`,
        );
      type.qosId = specs.id;
      return noContent(202);
    }),
    route(`GET ${of}/disassociate`, 'admin', async (asked) => {
      const [specs, type] = [one(asked), typeIn(asked)];
      if (type.qosId === specs.id) type.qosId = null;
      return noContent(202);
    }),
    route(`GET ${of}/disassociate_all`, 'admin', async (asked) => {
      for (const type of typesOf(one(asked))) type.qosId = null;
      return noContent(202);
    }),
  ];
}

/** Cinder prints the field as an object of Python. */
const consumers =
  "QoSConsumerValues(default=<class 'oslo_versionedobjects.fields.UnspecifiedDefault'>,nullable=False,valid_values=('back-end', 'front-end', 'both'))";

/** @throws Fault 400 */
function requireConsumer(consumer: unknown): void {
  if (['back-end', 'front-end', 'both'].includes(String(consumer))) return;
  throw new Fault('bad-request', `Invalid qos specs: Valid consumer of QoS specs are: ${consumers}`);
}
