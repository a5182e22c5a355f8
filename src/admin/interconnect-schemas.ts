/** Bodies of the operator's API that are about interconnects. */
import { z } from 'zod';
import { interconnectTypes } from '../interconnect/interconnect.js';

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, "must be letters, digits, '.', '_' or '-', at most 63");
const site = z.string().min(1).max(63);
const number = z.int().min(1).max(16_777_215);

const range = z
  .strictObject({ minimum: number, maximum: number })
  .refine(({ minimum, maximum }) => minimum <= maximum, 'minimum must not be above maximum')
  .describe('Both ends included; VLANs are 1 to 4094, VNIs 1 to 16777215');
const member = z.strictObject({
  site,
  physical_network: z
    .string()
    .min(1)
    .max(64)
    .nullable()
    .default(null)
    .describe("Of a vlan: what the site's Neutron calls it"),
});
const anyVni = z
  .boolean()
  .describe('Of vxlan: networks of any VNI may be joined as they are, not only those of the ranges');
const isDefault = z
  .boolean()
  .describe('Networks that name no zone are given a segment of it; one interconnect is the default');

export const newInterconnectBody = z.strictObject({
  name,
  type: z.enum([...interconnectTypes, 'bgpvpn']).describe('bgpvpn is not supported yet'),
  sites: z.array(member).min(1),
  ranges: z.array(range).default([]).describe('Of which networks are given segments'),
  any_vni: anyVni.default(false),
  is_default: isDefault.default(false),
});
export type NewInterconnectBody = z.infer<typeof newInterconnectBody>;

export const changeInterconnectBody = z.strictObject({
  sites: z.array(member).default([]).describe('Added, or with another physical network'),
  remove_sites: z.array(site).default([]),
  add_ranges: z.array(range).default([]),
  remove_ranges: z.array(range).default([]),
  any_vni: anyVni.optional(),
  is_default: isDefault.optional(),
});

const time = z.iso.datetime();

export const shownInterconnect = z.object({
  name: z.string(),
  type: z.enum(interconnectTypes),
  is_default: z.boolean(),
  any_vni: z.boolean(),
  sites: z.array(z.object({ site: z.string(), physical_network: z.string().nullable() })),
  ranges: z.array(z.object({ minimum: z.int(), maximum: z.int() })),
  segments_in_ranges: z.int(),
  segments_used: z.int().describe('Also outside of the ranges'),
});

export const shownInterconnectInFull = shownInterconnect.extend({
  segments: z.array(
    z.object({
      number: z.int(),
      network_id: z.string().nullable().describe('Null while the network is being made'),
      is_own: z.boolean().describe('The network had it by itself, and was not given it'),
      since: time,
    }),
  ),
  blocked: z
    .array(z.object({ number: z.int(), site: z.string(), until: time }))
    .describe('Numbers that a site refused, since something else has them there'),
  warnings: z.array(z.string()).describe('What is amiss at its sites, in plain words'),
});
