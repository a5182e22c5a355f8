/** A simulated image, as the cloud itself knows it. Times in milliseconds since the epoch, in whole seconds as Glance keeps them. */

export type ImageStatus = 'queued' | 'saving' | 'uploading' | 'importing' | 'active' | 'deactivated' | 'killed';
export type Visibility = 'public' | 'private' | 'shared' | 'community';

export interface Image {
  readonly id: string;
  name: string | null;
  status: ImageStatus;
  visibility: Visibility;
  owner: string | null;
  protected: boolean;
  os_hidden: boolean;
  disk_format: string | null;
  container_format: string | null;
  /** GiB. */
  min_disk: number;
  /** MiB. */
  min_ram: number;
  /** Bytes; null before there are any. */
  size: number | null;
  virtual_size: number | null;
  checksum: string | null;
  os_hash_value: string | null;
  tags: readonly string[];
  /** Where the bytes are, where it was not their store that chose. */
  location?: string;
  /** True where everybody is shown that (`show_multiple_locations`). */
  showsLocation?: boolean;
  /** Custom ones, in the order in which they were given. */
  properties: Readonly<Record<string, string>>;
  readonly createdAt: number;
  updatedAt: number;
}

export interface Member {
  readonly memberId: string;
  status: 'pending' | 'accepted' | 'rejected';
  readonly createdAt: number;
  updatedAt: number;
}

/** What Glance was told of the bytes beforehand. */
export interface Validation {
  readonly os_hash_algo?: string;
  readonly os_hash_value?: string;
}

export interface ImportTask {
  readonly id: string;
  readonly imageId: string;
  readonly owner: string | null;
  readonly userId: string;
  readonly requestId: string;
  readonly input: Readonly<Record<string, unknown>>;
  status: 'pending' | 'processing' | 'success' | 'failure';
  message: string;
  readonly createdAt: number;
  updatedAt: number;
}

/** A step of a JSON patch. */
export interface Operation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: readonly [string, ...string[]];
  readonly value: unknown;
  /** Of the draft of JSON patch that the media type names; 4 has no `op`, and adds only what is not there yet. */
  readonly draft: 4 | 10;
}

export const importMethods = ['glance-direct', 'web-download', 'copy-image'] as const;
export type ImportMethod = (typeof importMethods)[number];
