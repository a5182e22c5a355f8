/** Bodies of the operator's API: parsed by these, documented from these. */
import { z } from 'zod';

const word = z.string().min(1).max(255);

export const password = z.strictObject({
  username: word,
  password: z.string().min(1),
  project_name: word.default('admin'),
  user_domain: word.default('default').describe('Name of the domain, or `default`'),
  project_domain: word.default('default'),
});
export const applicationCredential = z.strictObject({
  application_credential_id: word,
  application_credential_secret: z.string().min(1),
});

export const siteStates = ['enabled', 'draining', 'maintenance'] as const;

export const newSiteBody = z.strictObject({
  id: z.int().min(1).max(2_147_483_647).optional().describe('The number it had in a cascade before, as an export says'),
  name: word.describe('The availability zone that tenants see'),
  auth_url: z.url({ protocol: /^https?$/ }),
  region: word,
  interface: z.enum(['public', 'internal', 'admin']).default('public'),
  insecure: z.boolean().default(false).describe('Accept any TLS certificate'),
  state: z.enum(siteStates).default('enabled'),
  auth: z.union([password, applicationCredential]),
});
export type NewSiteBody = z.infer<typeof newSiteBody>;

export const exportedSite = z.object({
  id: z.int(),
  name: z.string(),
  state: z.enum(siteStates),
  auth_url: z.string(),
  region: z.string(),
  interface: z.enum(['public', 'internal', 'admin']),
  insecure: z.boolean(),
  auth: z.union([password.omit({ password: true }), applicationCredential.pick({ application_credential_id: true })]),
  sealed_credential: z.string().optional().describe("The whole credential; opens with the cascade's secret key"),
});

export const changeSiteBody = z.strictObject({ state: z.enum(siteStates) });

/** So many take some seconds at a site that answers five requests a second. */
export const projectsInTurn = 25;

export const adoptQuotasBody = z.strictObject({ projects: z.array(word).max(projectsInTurn) });

const time = z.iso.datetime();

export const shownFeed = z.object({
  kind: z.string().describe('`server`, `volume`, …'),
  rows: z.int().describe('Rows in the inventory'),
  rows_read: z.int().nullable().describe('Rows of the first read so far; null once it is done'),
  read_at: time.nullable().describe('When it was last read to its end'),
  age_seconds: z.number().nullable().describe('How long ago that is'),
  full_read_at: time.nullable().describe('When everything was last read'),
  cursor: time.nullable().describe("What changed before is known; by the site's clock"),
  is_suspected: z.boolean().describe('All is to be read anew, as an operator asked'),
  last_error: z.string().nullable().describe('Why the last read failed; null where it did not'),
  error_since: time.nullable(),
});

/** What is shown of a site besides its name, state, address, health and capabilities. */
export const siteProgress = z.object({
  staleness_seconds: z.number().describe('Age of the feed that was read longest ago'),
  reconciled_at: time.nullable().describe('When all that is global was last compared with the site'),
  default_groups_apart: z
    .number()
    .describe('Projects whose default security group has other rules in this zone than they are shown'),
  homed_drift: z
    .number()
    .describe('Security groups and address groups that are not yet as they are wanted in this zone'),
  homed_errors: z
    .array(z.object({ kind: z.string(), id: z.string(), error: z.string(), since: time }))
    .describe('Why the last attempts at them failed'),
  warnings: z.array(z.string()).describe('What tenants rely on and this zone does not keep'),
  interconnects: z
    .array(z.object({ interconnect: z.string(), type: z.string(), physical_network: z.string().nullable() }))
    .describe('What joins its networks with those of other sites'),
  feeds: z.array(shownFeed).describe('How far each feed has been read'),
});
