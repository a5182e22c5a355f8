/** Hosts put together under a name. */
import { compared, valueAt, type Parts } from '../../state/part.js';

export interface Aggregate {
  readonly id: number;
  readonly name: string;
  readonly hosts: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly updatedAt: number | null;
}

export class Aggregates {
  private readonly rows = new Map<number, Aggregate>();
  private last = 0;

  all(): Aggregate[] {
    return [...this.rows.values()];
  }

  add(called: string, zone: string | null, createdAt: number): Aggregate {
    const id = (this.last += 1);
    const metadata: Record<string, string> = zone === null ? {} : { availability_zone: zone };
    const made = { id, name: called, hosts: [], metadata, createdAt, updatedAt: null };
    this.rows.set(id, made);
    return made;
  }

  change(id: number, changes: Partial<Aggregate>): Aggregate {
    const after = { ...this.rows.get(id)!, ...changes };
    this.rows.set(id, after);
    return after;
  }

  find(id: number): Aggregate | undefined {
    return this.rows.get(id);
  }

  remove(id: number): void {
    this.rows.delete(id);
  }

  parts(): Parts {
    return {
      aggregate: compared({
        rows: () => this.all().map((row) => [String(row.id), row] as const),
        restore: (rows) => {
          for (const row of rows.values()) this.rows.set(row.id, row);
        },
      }),
      'last aggregate': valueAt(
        () => this.last,
        (last) => (this.last = last),
      ),
    };
  }
}
