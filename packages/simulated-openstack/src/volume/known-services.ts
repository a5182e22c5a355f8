/** The services a simulated Cinder has. */
import type { Volumes } from './volumes.js';

export interface Service {
  readonly binary: string;
  readonly host: string;
}

/** One of each, and one backend. */
export const servicesOf = ({ zone }: Volumes): Service[] => [
  { binary: 'cinder-backup', host: zone },
  { binary: 'cinder-scheduler', host: zone },
  { binary: 'cinder-volume', host: `${zone}@lvm` },
];

export const keyOf = ({ binary, host }: Service): string => `${binary} ${host}`;
export const isDisabled = (volumes: Volumes, service: Service): boolean => volumes.disabledServices.has(keyOf(service));
