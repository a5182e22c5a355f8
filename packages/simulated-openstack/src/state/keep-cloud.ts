/** A cloud that remembers: what became of it is in a directory, and there again when it is started again. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { OwnKeystone } from '@cascade/openstack-adapter/keystone/own-keystone.js';
import type { SimulatedCloud } from '../cloud.js';
import { takeDirectory } from './directory-lock.js';
import { Keeper } from './keeper.js';
import { keystoneParts } from './keystone-parts.js';
import type { Title } from './state-file.js';

export interface KeptIn {
  /** The cloud's own, made where it is not there. */
  readonly directory: string;
  /** The one it has for itself; accounts of a shared one are not its own to keep. */
  readonly keystone: OwnKeystone | undefined;
  readonly log: Logger;
}

export interface KeptCloud {
  readonly keeper: Keeper;
  close(): Promise<void>;
}

/** @throws BadStateFile, DirectoryBusy */
export async function keepCloud(cloud: SimulatedCloud, { directory, keystone, log }: KeptIn): Promise<KeptCloud> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const giveBack = await takeDirectory(directory);
  try {
    const { bytes } = cloud.images;
    await bytes.keepIn(join(directory, 'images'));
    const parts = { ...cloud.parts(), ...(keystone && keystoneParts(keystone)) };
    const keeper = await Keeper.open(join(directory, 'state.jsonl'), titleOf(cloud), parts, log);
    await bytes.removeOthers((name) => cloud.images.isNameOfBytes(name));
    cloud.images.kept = () => keeper.settle();
    cloud.clock.whenDone(() => void keeper.settle().catch(() => undefined));
    const close = (): Promise<void> => {
      // What is done from now on is not done: whoever takes the cloud back does it again.
      cloud.clock.whenDone(() => undefined);
      return keeper.close().finally(giveBack);
    };
    return { keeper, close };
  } catch (error) {
    await giveBack();
    throw error;
  }
}

/** Servers of the first population are computed: with another seed, number or owners they would be others. */
const titleOf = ({ name, seed, servers: { initial } }: SimulatedCloud): Title => ({
  format: 1,
  cloud: name,
  seed,
  servers: initial.count,
  ...(initial.count > 0 ? { owners: createHash('md5').update(initial.owners.join()).digest('hex') } : {}),
});
