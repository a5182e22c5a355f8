/** What a Cinder tells its users of requests that it took and could not fulfil. @see openstack/cinder:cinder/message */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import { rowsIn, type Parts } from '../state/part.js';

/** As their ids and words stand in cinder/message/message_field.py. */
const actions = {
  'schedule allocate volume': '001',
  'unmanage volume': '006',
  'extend volume': '007',
  'create volume from backend storage': '008',
} as const;
const details = {
  'An unknown error occurred.': '001',
  'Could not find any available weighted backend.': '003',
  'Unmanaging encrypted volumes is not supported.': '008',
} as const;

export interface Message {
  readonly id: string;
  readonly projectId: string;
  readonly eventId: string;
  readonly words: string;
  readonly requestId: string;
  readonly volumeId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** message_ttl, in milliseconds. */
const livesMs = 30 * 24 * 3_600_000;

export interface Told {
  readonly projectId: string;
  readonly volumeId: string;
  readonly requestId: string;
}

export class Messages {
  private readonly kept = new Map<string, Message>();

  constructor(private readonly clock: Clock) {}

  tell({ projectId, volumeId, requestId }: Told, action: keyof typeof actions, detail: keyof typeof details): void {
    const createdAt = Math.floor(this.clock.now() / 1000) * 1000;
    const message: Message = {
      id: randomUUID(),
      projectId,
      volumeId,
      requestId,
      createdAt,
      expiresAt: createdAt + livesMs,
      eventId: `VOLUME_VOLUME_${actions[action]}_${details[detail]}`,
      words: `${action}:${detail}`,
    };
    this.kept.set(message.id, message);
  }

  /** The newest first. */
  of(projectId: string | undefined): Message[] {
    return [...this.kept.values()].filter((one) => one.projectId === projectId).reverse();
  }

  find(id: string): Message | undefined {
    return this.kept.get(id);
  }

  parts(): Parts {
    return { 'volume message': rowsIn(this.kept) };
  }

  delete(id: string): void {
    this.kept.delete(id);
  }
}
