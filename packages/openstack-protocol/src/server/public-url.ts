/** The URL under which the caller sees us, so that every link we hand out works behind a proxy too. */
import type { Headers } from '../message.js';

const first = (text: string | undefined): string | undefined => text?.split(',')[0]?.trim() || undefined;

/** `https://cloud.example/prefix` without a trailing slash. */
export function publicUrl(headers: Headers, configured?: string): string {
  if (configured) return configured.replace(/\/+$/, '');
  const scheme = first(headers['x-forwarded-proto']) ?? 'http';
  const host = first(headers['x-forwarded-host']) ?? headers['host'] ?? 'localhost';
  const prefix = (first(headers['x-forwarded-prefix']) ?? '').replace(/\/+$/, '');
  if (!/^https?$/.test(scheme) || !/^[\w.:[\]-]+$/.test(host) || !/^(\/[\w./-]*)?$/.test(prefix)) return '';
  return `${scheme}://${host}${prefix}`;
}
