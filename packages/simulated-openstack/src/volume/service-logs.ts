/** How much services write into their logs, which an operator may change while they run; since 3.32. */
import { json, noContent, type OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import { servicesOf } from './known-services.js';
import type { Volumes } from './volumes.js';

const api = 'cinder-api';
const usual = 'INFO';

type Given = Record<string, unknown>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The services that a body means: all where it names none. */
function meant(volumes: Volumes, given: Given) {
  const binary = text(given['binary']);
  const server = text(given['server']);
  const all = [{ binary: api, host: volumes.zone }, ...servicesOf(volumes)];
  const isMeant = (one: string): boolean => binary === '' || binary === '*' || one === binary;
  return all.filter((one) => isMeant(one.binary) && (server === '' || one.host === server));
}

export function setLog(volumes: Volumes, given: Given): OpenStackResponse {
  const level = text(given['level']).toUpperCase();
  for (const { binary, host } of meant(volumes, given)) {
    volumes.logLevels.set(`${binary} ${host} ${text(given['prefix'])}`, level);
  }
  return noContent(202);
}

export function getLog(volumes: Volumes, given: Given): OpenStackResponse {
  const prefix = text(given['prefix']);
  const found = meant(volumes, given).map(({ binary, host }) => {
    const own = [...volumes.logLevels].flatMap(([key, level]) => {
      const [ofBinary, ofHost, name = ''] = key.split(' ');
      return ofBinary === binary && ofHost === host && name.startsWith(prefix) ? [[name || 'cinder', level]] : [];
    });
    const root = 'cinder'.startsWith(prefix) || prefix.startsWith('cinder') ? { [prefix || 'cinder']: usual } : {};
    return { host, binary, levels: { ...root, ...Object.fromEntries(own as [string, string][]) } };
  });
  return json(200, { log_levels: found });
}
