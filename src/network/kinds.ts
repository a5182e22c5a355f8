import type { Kind } from '../resources/kind.js';

export const networkKinds: readonly Kind[] = [];
