/** The clouds that histories are played on: several sites under one Keystone, each behind a border. */
import type { Border } from './border.js';
import type { Login, OpenStackApi } from './openstack-api.js';

/**
 * What is wrong with a cloud itself, whoever asks it: lists of a while ago, and its clock. A clock that is behind is not for
 * random histories: what changes then, while nobody can reach the cloud, bears times that no feed asks by. The slow round
 * finds it, with its next page where the silence was noticed, within an hour where it was too short to be.
 */
export const insideFaults = ['lag', 'clock ahead'] as const;
export type InsideFault = (typeof insideFaults)[number] | 'clock behind';

export interface SiteUnderTest {
  /** The availability zone that the cascade makes of it. */
  readonly name: string;
  readonly region: string;
  /** Keystone, as the cascade is to reach it for this site. */
  readonly authUrl: string;
  /** What the cascade reaches it through. */
  readonly border: Border;
  /** An image that its servers can be made from; '' where it needs none. */
  readonly imageId: string;
  /** Switches on something that is wrong inside, or ends all of it. */
  readonly insideFault: (fault: InsideFault | undefined) => void;
  /** Behind the cascade's back, past the border, as administrator. */
  readonly direct: OpenStackApi;
}

export interface CloudsUnderTest {
  readonly sites: readonly SiteUnderTest[];
  /** Whether their Neutron knows security groups. */
  readonly knowGroups: boolean;
  /** Keystone as the cascade reaches it. */
  readonly keystone: Border;
  /** What the cascade logs in with at every site. */
  readonly operator: { readonly username: string; readonly password: string; readonly projectName: string };
  /** The administrator of all of it, and a member of the project that histories happen in. */
  admin(): Promise<Login>;
  member(): Promise<Login>;
  close(): Promise<void>;
}
