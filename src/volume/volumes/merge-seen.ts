/** Merges a volume as a tenant saw it into the canonical body. */
import type { Body } from '../../resources/kind.js';

interface Attachment {
  readonly attachment_id?: string;
  readonly host_name?: string | null;
}

export function mergeSeenVolume(seen: Body, known: Body | undefined): Body {
  const { links: _links, ...shown } = seen;
  const merged: Body = { ...known, ...shown };
  // Shown only where there is one, so that its absence is news; a create's answer is no whole volume.
  if (seen['os-vol-tenant-attr:tenant_id'] !== undefined && seen['volume_image_metadata'] === undefined) {
    delete merged['volume_image_metadata'];
  }
  if (!known) return merged;
  // Before 3.69 an unknown `shared_targets` is shown as true.
  if (known['shared_targets'] !== undefined) merged['shared_targets'] = known['shared_targets'];
  // The tenant is shown the cascade's id of the type; the body keeps the site's.
  if (known['volume_type_id'] !== undefined && known['volume_type'] === seen['volume_type']) {
    merged['volume_type_id'] = known['volume_type_id'];
  }
  if (Array.isArray(seen['attachments'])) merged['attachments'] = withHosts(seen['attachments'], known['attachments']);
  return merged;
}

// Tenants are not shown the host of an attachment.
function withHosts(seen: Attachment[], known: unknown): Attachment[] {
  const hosts = new Map(((known ?? []) as Attachment[]).map((one) => [one.attachment_id, one.host_name]));
  return seen.map((one) => ({ ...one, host_name: one.host_name ?? hosts.get(one.attachment_id) ?? null }));
}
