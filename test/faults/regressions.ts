/** Histories that were not survived once. Each run lives through them first. */
import type { History } from './history.js';

export interface Regression {
  readonly why: string;
  readonly history: History;
}

export const regressions: readonly Regression[] = [];
