/** How many bytes a second may go to one site, all copies that this process makes there together. */
export class Pace {
  private readonly freeAt = new Map<number, number>();

  /** @param bytesPerSecond 0 is no limit */
  constructor(private readonly bytesPerSecond: number) {}

  /** Calls `go` when that many bytes may go on to a site. */
  pass(siteId: number, bytes: number, go: () => void): void {
    if (this.bytesPerSecond === 0) return go();
    const now = performance.now();
    const start = Math.max(now, this.freeAt.get(siteId) ?? now);
    this.freeAt.set(siteId, start + (bytes / this.bytesPerSecond) * 1000);
    if (start - now < 1) go();
    else setTimeout(go, start - now);
  }
}
