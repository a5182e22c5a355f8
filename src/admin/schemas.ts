/** Bodies of the operator's API: parsed by these, documented from these. */
import { z } from 'zod';

const word = z.string().min(1).max(255);

const password = z.strictObject({
  username: word,
  password: z.string().min(1),
  project_name: word.default('admin'),
  user_domain: word.default('default').describe('Name of the domain, or `default`'),
  project_domain: word.default('default'),
});
const applicationCredential = z.strictObject({
  application_credential_id: word,
  application_credential_secret: z.string().min(1),
});

export const newSiteBody = z.strictObject({
  name: word.describe('The availability zone that tenants see'),
  auth_url: z.url({ protocol: /^https?$/ }),
  region: word,
  interface: z.enum(['public', 'internal', 'admin']).default('public'),
  insecure: z.boolean().default(false).describe('Accept any TLS certificate'),
  auth: z.union([password, applicationCredential]),
});
export type NewSiteBody = z.infer<typeof newSiteBody>;

export const siteStates = ['enabled', 'draining', 'maintenance'] as const;
export const changeSiteBody = z.strictObject({ state: z.enum(siteStates) });
