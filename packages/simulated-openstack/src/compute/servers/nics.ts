/** Networks a new server is asked to be in. */
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { Cloud } from '../cloud.js';
import type { PlugRequest } from '../../service-interfaces.js';

export type Nic = Pick<PlugRequest, 'networkId' | 'portId' | 'fixedIp' | 'tag'>;

interface Given {
  readonly uuid?: string;
  readonly port?: string | null;
  readonly fixed_ip?: string;
  readonly tag?: string;
}

/**
 * @param given `networks` of the request; undefined leaves the choice to Nova
 * @throws Fault 400, 409 where several networks could be meant
 */
export function nicsIn(cloud: Cloud, projectId: string, given: 'auto' | 'none' | readonly Given[] | undefined): Nic[] {
  if (given === 'none') return [];
  if (given === undefined || given === 'auto' || given.length === 0)
    return onlyNetwork(cloud, projectId, given === 'auto');
  return given.map(({ uuid, port, fixed_ip: fixedIp, tag }) => {
    if (port && fixedIp)
      throw new Fault(
        'bad-request',
        `Specified fixed address '${fixedIp}' with port '${port}': port already has a fixed IP allocated.`,
      );
    if (!port && !uuid) throw new Fault('bad-request', "Bad network format: missing 'uuid'");
    return {
      ...(port ? { portId: port } : { networkId: uuid! }),
      ...(fixedIp ? { fixedIp } : {}),
      ...(tag ? { tag } : {}),
    };
  });
}

function onlyNetwork(cloud: Cloud, projectId: string, isAuto: boolean): Nic[] {
  const usable = cloud.networks.usableFor(projectId);
  if (usable.length > 1) {
    throw new Fault('conflict', 'Multiple possible networks found, use a Network ID to be more specific.');
  }
  if (usable[0]) return [{ networkId: usable[0].id }];
  if (isAuto) throw new Fault('bad-request', `Unable to automatically allocate a network for project ${projectId}`);
  return [];
}
