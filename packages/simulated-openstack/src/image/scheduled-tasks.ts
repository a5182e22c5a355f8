/** What a Glance does later. */
import { fetched, fill, type Filled } from './arriving.js';
import { smallImage, staged } from './bytes.js';
import type { Image, ImageStatus, ImportMethod, ImportTask, Validation } from './image.js';

interface AddLocation {
  readonly id: string;
  readonly taskId: string;
  readonly url: string;
  readonly validation: Validation;
}

interface Import {
  readonly id: string;
  readonly taskId: string;
  readonly method: ImportMethod;
  /** Of `web-download`. */
  readonly url?: string | undefined;
  /** What the image was before. */
  readonly before: ImageStatus;
}

/** What the tasks are about. */
interface Images extends Filled {
  readonly showsLocations: boolean;
  readonly tasks: ReadonlyMap<string, ImportTask>;
  now(): number;
  whenKept(work: () => Promise<void>): void;
}

export type ImageTasks = ReturnType<typeof imageTasks>;

export const imageTasks = (images: Images) => ({
  /** Of a server or a volume. */
  'fill image'({ id }: { id: string }): void {
    const image = images.row(id);
    if (image) images.change(image, { status: 'active', ...smallImage });
  },

  /** With a hash to compare, the image is whole when that is done. */
  async 'add location'({ id, taskId, url, validation }: AddLocation): Promise<void> {
    const [image, task] = [images.row(id), images.tasks.get(taskId)];
    if (!image || !task) return;
    images.change(image, { status: 'importing', location: url, showsLocation: images.showsLocations });
    try {
      await fill(images, image, await fetched(new URL(url)));
      const { os_hash_value: wanted = image.os_hash_value } = validation;
      if (wanted !== image.os_hash_value)
        throw new Error(`os_hash_value: (${wanted}) not matched with actual os_hash_value: (${image.os_hash_value})`);
      Object.assign(task, { status: 'success', updatedAt: images.now() });
    } catch (error) {
      images.change(image, { status: 'queued', os_hash_value: null, checksum: null });
      Object.assign(task, { status: 'failure', message: (error as Error).message, updatedAt: images.now() });
    }
  },

  async 'import image'({ id, taskId, method, url, before }: Import): Promise<void> {
    const [image, task] = [images.row(id), images.tasks.get(taskId)];
    if (!task) return;
    task.status = 'processing';
    try {
      if (image) await importInto(images, image, method, url);
      Object.assign(task, { status: 'success', updatedAt: images.now() });
    } catch (error) {
      const isThere = images.row(id)?.status === 'importing';
      if (image && isThere) images.change(image, { status: before === 'uploading' ? 'uploading' : 'queued' });
      Object.assign(task, { status: 'failure', message: (error as Error).message, updatedAt: images.now() });
    }
  },
});

async function importInto(images: Images, image: Image, method: ImportMethod, url: string | undefined): Promise<void> {
  if (method === 'copy-image' || image.status !== 'importing') return;
  const source = url === undefined ? await images.bytes.read(staged(image.id)) : await fetched(new URL(url));
  if (await fill(images, image, source)) images.whenKept(() => images.bytes.remove(staged(image.id)));
}
