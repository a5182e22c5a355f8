/** What a program has opened so far, and how each of it is closed. */
export class Opened {
  private readonly closers: (() => Promise<unknown>)[] = [];
  private closing: Promise<void> | undefined;

  /** @returns `resource`, which is closed before everything that was added earlier */
  add<Resource>(resource: Resource, close: (resource: Resource) => Promise<unknown>): Resource {
    this.closers.push(() => close(resource));
    return resource;
  }

  /**
   * Closes all of it, the last one first; one that fails does not keep the others open.
   * @throws what the first one threw, once all are closed
   */
  close(): Promise<void> {
    return (this.closing ??= this.closeAll());
  }

  private async closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.closers.reverse()) await close().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
