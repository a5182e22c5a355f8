/** Bodies of the operator's API that are about images. */
import { z } from 'zod';
import { modes } from '../copies/policy.js';
import { copyMethods } from '../copies/method.js';

const id = z.string().min(1).max(64);
const site = z.string().min(1).max(63);

export const copyImageBody = z.strictObject({ site: site.describe('Where it is to be copied') });
export const mergeImageBody = z.strictObject({
  with: id.describe('The image of another site that becomes a copy of this one'),
});
export const imagePolicyBody = z.strictObject({
  image: id.nullable().default(null).describe('Of this image; of all where it is null'),
  site: site.nullable().default(null).describe('At this site; at all where it is null'),
  mode: z.enum(modes).nullish().describe('Null takes back what was said before'),
  method: z.enum(copyMethods).nullish().describe('By which its bytes come; null takes back what was said before'),
});

const time = z.iso.datetime();

export const shownCopy = z.object({
  image_id: z.string(),
  site: z.string(),
  state: z.enum(['waiting', 'copying', 'active', 'failed', 'deleting']),
  since: time.describe('When it came into this state'),
  bytes: z.int().describe('Copied so far'),
  size: z.int().nullable(),
  hash: z.string().nullable().describe('os_hash_value, once the site has made the same one of what it got'),
  source: z.string().nullable().describe('The site from which it is, or was, copied'),
  method: z.enum(copyMethods).nullable().describe('By which its bytes come, or came'),
  detour: z.string().nullable().describe('Why that is another method than policy wants'),
  attempts: z.int(),
  cause: z.string().nullable().describe('Why the last attempt failed'),
  is_ours: z.boolean().describe('False for one that was found at its site'),
  site_image_id: z.string().describe('What the site itself calls it'),
});

export const shownImage = z.object({
  id: z.string(),
  name: z.string().nullable(),
  status: z.string(),
  size: z.int().nullable(),
  home: z.string().describe('The site whose record tenants read'),
  modes: z.record(z.string(), z.enum(modes)).describe('When it is copied to each other site'),
  copies: z.array(shownCopy),
});

export const shownPolicies = z.object({
  usual: z.enum(modes).describe('Where no policy says otherwise'),
  usual_method: z.enum(copyMethods).describe('The same'),
  policies: z.array(
    z.object({
      image: z.string().nullable(),
      site: z.string().nullable(),
      mode: z.enum(modes).nullable(),
      method: z.enum(copyMethods).nullable(),
    }),
  ),
});
