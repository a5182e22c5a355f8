/** What a Glance does later. */
import { Readable } from 'node:stream';
import { smallImage, staged } from './bytes.js';
import type { Image, ImageStatus } from './image.js';
import type { Images } from './images.js';
import type { Method } from './import.js';

interface Import {
  readonly id: string;
  readonly taskId: string;
  readonly method: Method;
  /** Of `web-download`. */
  readonly url?: string | undefined;
  /** What the image was before. */
  readonly before: ImageStatus;
}

export type ImageDeeds = ReturnType<typeof imageDeeds>;

export const imageDeeds = (images: Images) => ({
  /** Of a server or a volume. */
  'fill image'({ id }: { id: string }): void {
    const image = images.row(id);
    if (image) images.change(image, { status: 'active', ...smallImage });
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

async function importInto(images: Images, image: Image, method: Method, url: string | undefined): Promise<void> {
  if (method === 'copy-image' || image.status !== 'importing') return;
  const source = url === undefined ? await images.bytes.read(staged(image.id)) : await fetched(new URL(url));
  const written = await images.bytes.write(image.id, source);
  // Deleted meanwhile: what was written goes with it.
  if (images.row(image.id) !== image) return images.bytes.remove(image.id);
  images.change(image, { status: 'active', ...written, virtual_size: written.size });
  images.whenKept(() => images.bytes.remove(staged(image.id)));
}

/** The bytes at a URL. @throws Error where there are none */
async function fetched(url: URL): Promise<Readable> {
  const answer = await fetch(url, { redirect: 'error' });
  if (!answer.ok || !answer.body) throw new Error(`${url.host} answered ${answer.status}`);
  return Readable.fromWeb(answer.body as Parameters<typeof Readable.fromWeb>[0]);
}
