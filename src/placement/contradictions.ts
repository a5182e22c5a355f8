/** What is said of things that are in different zones: where each of them is, and what can be done. */
import { Fault } from '@cascade/openstack-protocol/faults.js';

/** A reference of the request that lives in some sites. */
export interface Pin {
  /** `server.networks[0].uuid` */
  readonly where: string;
  readonly kind: string;
  readonly id: string;
  readonly siteIds: readonly number[];
  /** What a tenant can do who needs it in another zone. */
  readonly elsewhere?: string | undefined;
  /** Where it may be copied to other sites: whether to one of them. */
  readonly copies?: { mayBring(id: string, siteId: number): Promise<boolean> };
}

type NameOf = (siteId: number) => string;

/** No site can take a request as it stands: for what it names, for the zone it asks for, or for the room it needs. */
export class NoSiteFits extends Fault {
  constructor(message: string) {
    super('bad-request', message);
    this.name = 'NoSiteFits';
  }
}

/** What a request names, and where it is to be, are in different zones. */
export class ReferencesApart extends NoSiteFits {
  constructor(message: string) {
    super(message);
    this.name = 'ReferencesApart';
  }
}

/** Two references of one request. */
export const apart = (pins: readonly Pin[], nameOf: NameOf): ReferencesApart =>
  new ReferencesApart(
    `${whereTheyAre(pins, nameOf)}. What one request names must be in one availability zone.${advice(pins)}`,
  );

/** A reference, and the zone that was asked for. */
export const isApartFromZone = (pins: readonly Pin[], zone: string, nameOf: NameOf): ReferencesApart =>
  new ReferencesApart(`${whereTheyAre(pins, nameOf)}, but availability zone ${zone} was asked for.${advice(pins)}`);

/** A reference, and the resource that the request is about. */
export const isApartFrom = (pin: Pin, what: string, zone: string, nameOf: NameOf): ReferencesApart =>
  new ReferencesApart(`${whereTheyAre([pin], nameOf)}, and ${what} is in availability zone ${zone}.${advice([pin])}`);

const whereTheyAre = (pins: readonly Pin[], nameOf: NameOf): string =>
  pins
    .map(
      ({ where, kind, id, siteIds }) =>
        `${where} (${kind} ${id}) is in availability zone ${siteIds.map(nameOf).join(' or ')}`,
    )
    .join('; ');

const advice = (pins: readonly Pin[]): string =>
  [...new Set(pins.flatMap(({ elsewhere }) => (elsewhere === undefined ? [] : [` ${elsewhere}`])))].join('');
