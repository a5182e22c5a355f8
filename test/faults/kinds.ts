/** The kinds of resources that histories make: one of each service, since each is followed in another way. */
export type KindName = 'server' | 'volume' | 'network';

export interface KindUnderTest {
  readonly service: 'compute' | 'volume' | 'network';
  /** Below the service's root and version. */
  readonly collection: string;
  readonly details: string;
  readonly key: string;
  readonly body: (name: string, place: Place) => Record<string, unknown>;
}

/** Where something is to be made: in a zone, or where an image is. */
export interface Place {
  readonly zone?: string | undefined;
  readonly imageId: string;
  /** Of the one who makes a server. */
  readonly keyPair?: string;
}

export const kinds: Record<KindName, KindUnderTest> = {
  server: {
    service: 'compute',
    collection: '/servers',
    details: '/servers/detail',
    key: 'server',
    body: (name, { zone, imageId, keyPair }) => ({
      name,
      flavorRef: '1',
      imageRef: imageId,
      networks: 'none',
      ...(zone ? { availability_zone: zone } : {}),
      ...(keyPair ? { key_name: keyPair } : {}),
    }),
  },
  volume: {
    service: 'volume',
    collection: '/volumes',
    details: '/volumes/detail',
    key: 'volume',
    body: (name, { zone }) => ({ name, size: 1, ...(zone ? { availability_zone: zone } : {}) }),
  },
  network: {
    service: 'network',
    collection: '/networks',
    details: '/networks',
    key: 'network',
    body: (name, { zone }) => ({ name, ...(zone ? { availability_zone_hints: [zone] } : {}) }),
  },
};

export const kindNames = Object.keys(kinds) as KindName[];
