/** A subnet has fewer addresses left than a site needs. The numbers are for whoever words the refusal. */
export class SubnetExhausted extends Error {
  override readonly name = 'SubnetExhausted';
  readonly subnetId: string;
  /** The site that needs addresses, and how many. */
  readonly siteId: number;
  readonly wanted: number;
  /** Those that the home has to spare. */
  readonly spare: bigint;
  /** Addresses of the tenant's pools, and how many of them each site holds. */
  readonly size: bigint;
  readonly sites: readonly { readonly siteId: number; readonly size: bigint }[];

  constructor(numbers: Omit<SubnetExhausted, keyof Error>) {
    const { subnetId, siteId, wanted, spare, size, sites } = numbers;
    const parts = sites.map((site) => `${site.size} at site ${site.siteId}`).join(', ');
    super(
      `subnet ${subnetId} has ${size} addresses (${parts}): ${spare} of them are free to be delegated, site ${siteId} needs ${wanted}`,
    );
    ({ subnetId: this.subnetId, siteId: this.siteId, wanted: this.wanted } = numbers);
    ({ spare: this.spare, size: this.size, sites: this.sites } = numbers);
  }
}
