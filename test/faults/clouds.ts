/** The clouds that histories are played on: several sites under one Keystone, each behind a border. */
import type { Border } from './border.js';
import type { Login, OpenStackApi } from './openstack-api.js';

export interface SiteUnderTest {
  /** The availability zone that the cascade makes of it. */
  readonly name: string;
  readonly region: string;
  /** What the cascade reaches it through. */
  readonly border: Border;
  /** Behind the cascade's back, past the border, as administrator. */
  readonly direct: OpenStackApi;
}

export interface CloudsUnderTest {
  readonly sites: readonly SiteUnderTest[];
  /** Keystone as the cascade reaches it. */
  readonly keystone: Border;
  /** What the cascade logs in with at every site. */
  readonly operator: { readonly username: string; readonly password: string; readonly projectName: string };
  /** The administrator of all of it, and a member of the project that histories happen in. */
  admin(): Promise<Login>;
  member(): Promise<Login>;
  close(): Promise<void>;
}
