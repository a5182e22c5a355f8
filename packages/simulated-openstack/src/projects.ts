/** Projects of simulated tenants: the same in every cloud, so that one tenant has servers in many. */
import { createHash } from 'node:crypto';

export interface SimulatedProject {
  /** 32 hexadecimal digits, as Keystone makes them. */
  readonly id: string;
  readonly name: string;
}

export const simulatedProjects = (count: number, seed: number): SimulatedProject[] =>
  Array.from({ length: count }, (_, at) => ({
    id: createHash('md5').update(`project/${seed}/${at}`).digest('hex'),
    name: `tenant-${String(at).padStart(4, '0')}`,
  }));
