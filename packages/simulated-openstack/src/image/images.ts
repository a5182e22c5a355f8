/** One cloud's Glance: its images, their members and tasks, and what its Nova asks of it. */
import { randomUUID } from 'node:crypto';
import type { Caller } from '@cascade/openstack-protocol/caller.js';
import { Fault } from '@cascade/openstack-protocol/faults.js';
import type { After, Clock } from '../clock.js';
import type { CloudFacts, NewSnapshot, NovaImage, NovaImages } from '../service-interfaces.js';
import { noiseUuid, numberOf } from '../noise.js';
import { compared, namesIn, rowsIn, type Parts } from '../state/part.js';
import { ImageBytes, smallImage, staged } from './bytes.js';
import { imageTasks, type ImageTasks } from './scheduled-tasks.js';
import type { Image, ImportTask, Member } from './image.js';

/** What an image is that says nothing of itself. */
const plain = {
  name: null,
  status: 'queued',
  visibility: 'shared',
  owner: null,
  protected: false,
  os_hidden: false,
  disk_format: null,
  container_format: null,
  min_disk: 0,
  min_ram: 0,
  size: null,
  virtual_size: null,
  checksum: null,
  os_hash_value: null,
  tags: [],
  properties: {},
} as const;

export class Images implements NovaImages {
  readonly clock: Clock;
  readonly after: After<ImageTasks>;
  readonly bytes = new ImageBytes();
  /** Resolves when what was changed until now is on the disk. */
  kept: () => Promise<void> = () => Promise.resolve();
  readonly initialIds: readonly string[];
  readonly tasks = new Map<string, ImportTask>();
  /** Ports that `web-download` may ask, '' being the scheme's own. @see glance-image-import.conf allowed_ports */
  readonly importPorts = new Set(['', '80', '443']);
  /** An HTTP store, which reads what callers name. */
  hasHttpStore = false;
  /** `show_multiple_locations` */
  showsLocations = false;
  /** Since 2024.2 locations have a path of their own. */
  readonly isNewest: boolean;
  /** Glances of other regions, as the catalog of a shared Keystone names them; without one there is no `glance-download`. */
  readonly glances = new Map<string, string>();
  private readonly rows = new Map<string, Image>();
  /** Ids of deleted images, which Glance never gives out again. */
  private readonly usedUp = new Set<string>();
  private readonly memberships = new Map<string, Map<string, Member>>();

  constructor({ clock, seed, releaseName }: CloudFacts) {
    this.isNewest = releaseName.startsWith('2026');
    this.clock = clock;
    this.after = clock.register(imageTasks(this));
    // The same in every cloud of a seed, as where an operator keeps public images alike: a server can boot anywhere.
    const idOf = (at: number): string => noiseUuid(seed, numberOf('image'), at);
    const owner = noiseUuid(0, numberOf('operator')).replaceAll('-', '');
    this.initialIds = ['cirros-0.6.2', 'debian-12'].map((word, at) => {
      const shape = { disk_format: 'qcow2', container_format: 'bare', min_disk: at, virtual_size: 0x700_0000 };
      const about = { id: idOf(at), name: word, status: 'active', visibility: 'public', owner } as const;
      return this.add({ ...about, ...shape, ...smallImage }).id;
    });
  }

  /** Milliseconds, in whole seconds. */
  now(): number {
    return Math.floor(this.clock.now() / 1000) * 1000;
  }

  add(fields: Partial<Image>): Image {
    const now = this.now();
    const image: Image = { ...plain, id: randomUUID(), createdAt: now, updatedAt: now, ...fields };
    this.rows.set(image.id, image);
    return image;
  }

  change(image: Image, changes: Partial<Image>): void {
    Object.assign(image, changes, { updatedAt: this.now() });
  }

  remove(image: Image): void {
    this.rows.delete(image.id);
    this.usedUp.add(image.id);
    this.memberships.delete(image.id);
    this.whenKept(() => this.bytes.remove(image.id));
  }

  /** Bytes must not go before the row that has them: whoever is killed between would keep an image without any. */
  whenKept(work: () => Promise<void>): void {
    void this.kept().then(work, () => undefined);
  }

  row(id: string): Image | undefined {
    return this.rows.get(id);
  }

  /** @see openstack/glance:glance/db/sqlalchemy/api.py _image_update */
  isTaken(id: string): boolean {
    return this.rows.has(id) || this.usedUp.has(id);
  }

  all(): Iterable<Image> {
    return this.rows.values();
  }

  parts(): Parts {
    return {
      image: compared({
        rows: () => this.rows,
        restore: (rows) => {
          this.rows.clear();
          for (const image of rows.values()) this.rows.set(image.id, this.afterInterruption(image));
        },
      }),
      'image id used up': namesIn(this.usedUp),
      'image members': compared({
        rows: () => [...this.memberships].map(([imageId, members]) => [imageId, [...members.values()]] as const),
        restore: (rows) => {
          for (const [imageId, members] of rows) {
            this.memberships.set(imageId, new Map(members.map((member) => [member.memberId, member])));
          }
        },
      }),
      'image task': rowsIn(this.tasks),
    };
  }

  /** As if nothing had come of what came in half, so that it can be tried again. */
  private afterInterruption(image: Image): Image {
    const isHalf = image.status === 'saving' || (image.status === 'uploading' && !this.bytes.has(staged(image.id)));
    return isHalf ? { ...image, status: 'queued' } : image;
  }

  /** Names under which bytes are kept that are of use. */
  isNameOfBytes(name: string): boolean {
    return this.rows.has(name.replace(/\.staged$/, ''));
  }

  membersOf(imageId: string): Map<string, Member> {
    const known = this.memberships.get(imageId);
    if (known) return known;
    const members = new Map<string, Member>();
    this.memberships.set(imageId, members);
    return members;
  }

  /** Who may see an image by its id. */
  isVisible(image: Image, { isAdmin, projectId }: Caller): boolean {
    if (isAdmin || image.visibility === 'public' || image.visibility === 'community') return true;
    if (projectId === undefined) return false;
    if (image.owner === projectId) return true;
    return image.visibility === 'shared' && (this.memberships.get(image.id)?.has(projectId) ?? false);
  }

  find(id: string): NovaImage | undefined {
    const image = this.rows.get(id);
    return image && seenByNova(image);
  }

  usableBy(caller: Caller, id: string): NovaImage | undefined {
    const image = this.rows.get(id);
    return image && this.isVisible(image, caller) ? seenByNova(image) : undefined;
  }

  addSnapshot({ name, projectId, userId, serverId, baseImageId, metadata }: NewSnapshot): string {
    const base = this.rows.get(baseImageId);
    const own = {
      base_image_ref: baseImageId,
      image_type: 'snapshot',
      instance_uuid: serverId,
      owner_id: projectId,
      user_id: userId,
    };
    const image = this.add({
      name,
      owner: projectId,
      visibility: 'private',
      min_disk: base?.min_disk ?? 0,
      min_ram: base?.min_ram ?? 0,
      disk_format: base?.disk_format ?? 'qcow2',
      container_format: base?.container_format ?? 'bare',
      properties: { ...base?.properties, ...metadata, ...own },
    });
    this.after('server snapshot', 'fill image', { id: image.id });
    return image.id;
  }

  /** An image made of a volume: `saving` now, `active` when the volume is read. */
  addUpload(fields: Partial<Image>): Image {
    const image = this.add({ ...fields, status: 'queued' });
    this.after('volume upload', 'fill image', { id: image.id });
    return image;
  }

  close(): Promise<void> {
    return this.bytes.close();
  }
}

const seenByNova = ({ id, name, status, min_disk, min_ram, properties }: Image): NovaImage => ({
  id,
  name: name ?? '',
  status,
  minDisk: min_disk,
  minRam: min_ram,
  properties,
});

/** @throws Fault 404 in the words of `GET /images/{id}` */
export function requireImage(images: Images, caller: Caller, id: string): Image {
  const image = images.row(id);
  if (!image || !images.isVisible(image, caller)) throw new Fault('not-found', `No image found with ID ${id}`);
  return image;
}

/** @throws Fault 404, 403 for one the caller may only look at */
export function requireOwnImage(images: Images, caller: Caller, id: string, action: string): Image {
  const image = requireImage(images, caller, id);
  if (caller.isAdmin || image.owner === caller.projectId) return image;
  throw new Fault('forbidden', `You are not authorized to complete ${action} action.`);
}
