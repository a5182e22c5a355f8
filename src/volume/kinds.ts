import type { Kind } from '../resources/kind.js';

export const volumeKinds: readonly Kind[] = [];
