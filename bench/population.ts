/**
 * The servers of the benchmark, each made from its number alone, so that a cascade's inventory and nova-api's database
 * hold the same ones: server `n` of 1,000,000 belongs to project `n % 1000`, and its thousands `k = n / 1000` spread a
 * project's servers over all sites (`k % 100`) or cells (`k % 10`). Whole numbers and md5 only: any SQL can repeat it.
 */
import { createHash } from 'node:crypto';

export const projectCount = 1_000;
export const siteCount = 100;

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const asUuid = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** `md5('project-7')`, `md5('user-7')` as Keystone writes ids; the others with dashes, as Nova does. */
export const projectId = (p: number): string => md5(`project-${p}`);
export const userId = (p: number): string => md5(`user-${p}`);
export const serverId = (n: number): string => asUuid(md5(`server-${n}`));
export const imageId = (image: number): string => asUuid(md5(`image-${image}`));
export const siteName = (site: number): string => `site-${String(site).padStart(3, '0')}`;

/** Ten of them, by number: 1, 2, 4 … vCPUs. */
export const flavorCount = 10;
export const flavorId = (flavor: number): string => String(flavor + 1);
export const flavorName = (flavor: number): string => `m1.size${flavor}`;
export const imageCount = 20;

const roles = ['web', 'db', 'app', 'cache', 'worker'];
const start = Date.UTC(2026, 0, 1);
/** From here on one server in a hundred was changed again. */
export const changedAgainFrom = Date.UTC(2026, 5, 1);
const second = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** What differs from server to server. */
export interface BenchServer {
  readonly id: string;
  readonly name: string;
  readonly status: 'ACTIVE' | 'SHUTOFF' | 'PAUSED' | 'ERROR';
  readonly project: number;
  readonly site: number;
  readonly flavor: number;
  readonly image: number;
  readonly ip: string;
  /** Two servers share each second of creation, as happens in busy clouds. */
  readonly created: string;
  readonly updated: string;
}

export function serverAt(n: number): BenchServer {
  const p = n % projectCount;
  const k = Math.floor(n / projectCount);
  // 0..99, ten times each among a project's thousand servers.
  const dice = (k * 37 + Math.floor(k / 100) * 13 + p * 11) % 100;
  const role = roles[(Math.floor(k / 3) + p) % roles.length]!;
  const created = start + Math.floor(n / 2) * 20_000;
  return {
    id: serverId(n),
    name: `${role}-${String(n).padStart(7, '0')}`,
    status: dice === 0 ? 'ERROR' : dice < 5 ? 'SHUTOFF' : dice === 5 ? 'PAUSED' : 'ACTIVE',
    project: p,
    site: k % siteCount,
    flavor: (Math.floor(k / 10) + p) % flavorCount,
    image: (Math.floor(k / 7) + p) % imageCount,
    ip: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`,
    created: second(created),
    updated: second(dice === 50 ? changedAgainFrom + n * 1_000 : created + 60_000),
  };
}
