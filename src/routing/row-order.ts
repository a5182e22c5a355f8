/** Rows of several sites in one order, as the database of one service would have put them. */
import type { Body } from '../resources/kind.js';

export interface RowSort {
  readonly key: string;
  readonly direction: 'asc' | 'desc';
}

export type RowOrder = (a: Body, b: Body) => number;

/** No value comes first and strings are compared without regard to case, as in MySQL. */
export function rowOrder(sort: readonly RowSort[]): RowOrder {
  return (a, b) => {
    for (const { key, direction } of sort) {
      const order = compare(a[key], b[key]);
      if (order !== 0) return direction === 'asc' ? order : -order;
    }
    return 0;
  };
}

function compare(a: unknown, b: unknown): number {
  const [one, other] = [comparable(a), comparable(b)];
  if (one === other) return 0;
  if (one === null) return -1;
  if (other === null) return 1;
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return String(one) < String(other) ? -1 : 1;
}

function comparable(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'number' ? value : String(value).toLowerCase();
}
