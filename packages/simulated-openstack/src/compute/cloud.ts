/** What Nova's routes need of the cloud they belong to. */
import type { After, Clock } from '../clock.js';
import type { NovaImages, NovaNetworks, NovaVolumes } from '../service-interfaces.js';
import type { Release, ReleaseName } from '../releases.js';
import type { Journal } from './actions/journal.js';
import type { Flavors } from './flavors/flavors.js';
import type { Aggregates } from './hosts/aggregates.js';
import type { Hosts } from './hosts/hosts.js';
import type { Migrations } from './hosts/migrations.js';
import type { KeyPairs } from './key-pairs.js';
import type { Quotas } from './quotas/quotas.js';
import type { ServerGroups } from './server-groups.js';
import type { AttachedVolume, Server } from './servers/server.js';
import type { Servers } from './servers/servers.js';

export interface Cloud {
  readonly name: string;
  readonly seed: number;
  /** Its availability zone. */
  readonly zone: string;
  /** The host of its schedulers, conductors and agents. */
  readonly controller: string;
  readonly releaseName: ReleaseName;
  readonly release: Release;
  readonly clock: Clock;
  readonly after: After<ServerTasks>;
  readonly networks: NovaNetworks;
  readonly volumes: NovaVolumes;
  readonly images: NovaImages;
  readonly flavors: Flavors;
  readonly servers: Servers;
  readonly hosts: Hosts;
  readonly serverGroups: ServerGroups;
  readonly journal: Journal;
  readonly migrations: Migrations;
  readonly keyPairs: KeyPairs;
  readonly quotas: Quotas;
  readonly aggregates: Aggregates;
}

interface One {
  readonly id: string;
}

/** The end of what was done to a server. */
export interface Ending extends One {
  /** The transition's own: where another is under way by then, its end is of no interest any more. */
  readonly task: string | null;
  readonly atEnd: Partial<Server>;
  readonly migration?: string | undefined;
}

/** What a Nova does later, each task with what it is about. */
export type ServerTasks = {
  'schedule server': (about: One & { host?: string | undefined }) => void;
  'boot server': (about: One) => void;
  'finish deletion': (about: One) => void;
  'end transition': (about: Ending) => void;
  'finish attachment': (about: { serverId: string; volume: AttachedVolume }) => void;
  'release volume': (about: { serverId: string; volumeId: string }) => void;
  'release port': (about: { serverId: string; portId: string }) => void;
};
