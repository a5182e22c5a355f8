/** Configuration: every key, its default and its unit, read once from the environment. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { addressOf } from '@cascade/openstack-protocol/server/listening.js';
import type { CopyOptions } from './copies/copies.js';
import { modes } from './copies/policy.js';
import { copyMethods } from './copies/method.js';
import { microversionLimits, type MicroversionLimits } from './sites/offered-microversions.js';

const flag = z
  .enum(['0', '1', 'true', 'false'], 'must be 0, 1, true or false')
  .transform((word) => word === '1' || word === 'true');
const whole = (least = 0, most = Number.MAX_SAFE_INTEGER) => {
  const bounds = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `from ${least} to ${most}`;
  const words = `must be a whole number, ${bounds}`;
  return z.coerce.number(words).int(words).min(least, words).max(most, words);
};
const url = z
  .string()
  .refine((text) => /^https?:\/\/[^/\s]+/.test(text) && URL.canParse(text), 'must be an http(s) URL');
const isPort = (text: string): boolean => Number(text) >= 1 && Number(text) <= 65_535;

const environment = z.object({
  /** State of this program: embedded database, secret key, log. */
  CASCADE_DATA_DIR: z.string().min(1).default(join(homedir(), '.cascade')),
  /** External PostgreSQL 15 or later; embedded where it is not set. */
  DATABASE_URL: z
    .string()
    .refine(
      (text) => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text),
      'must be postgres://user:password@host/database',
    )
    .optional(),
  /** Connections to the database, of all processes of one `cascade serve` together. */
  CASCADE_DATABASE_CONNECTIONS: whole(4).default(40),
  CASCADE_LISTEN: z
    .string()
    .regex(/^(\[[\da-fA-F:.]+\]|[^\s:/[\]]+):\d{1,5}$/, 'must be host:port, as 127.0.0.1:8700 or [::1]:8700')
    .refine((text) => isPort(text.slice(text.lastIndexOf(':') + 1)), 'the port must be from 1 to 65535')
    .default('127.0.0.1:8700'),
  /** How the outside reaches us, where no proxy's X-Forwarded headers say so. */
  CASCADE_PUBLIC_URL: url.optional(),
  /** The Keystone shared with the sites, with or without /v3; the built-in identity where it is not set. */
  CASCADE_KEYSTONE_URL: url.optional(),
  /** Further URLs under which that Keystone links to itself, separated by commas. */
  CASCADE_KEYSTONE_ALIASES: z.string().default(''),
  CASCADE_KEYSTONE_INSECURE: flag.default(false),
  /** Password of the built-in identity's `admin`; generated into the data directory where it is not set. */
  CASCADE_ADMIN_PASSWORD: z.string().min(1).optional(),
  /** What guessing a password of the built-in identity costs: log2 of scrypt's N. */
  // Less than 32 MiB would stay with each thread that once hashed: glibc gives back what is larger than its largest mmap threshold.
  CASCADE_PASSWORD_HASH_ROUNDS: whole(4, 17).default(15),
  /** Seconds that a token of the built-in identity lives. */
  CASCADE_TOKEN_SECONDS: whole(1).default(3600),
  /** The one region tenants see. */
  CASCADE_REGION: z.string().min(1).default('RegionOne'),
  /** Seconds a validated token is believed; 0 asks Keystone each time. */
  CASCADE_TOKEN_CACHE_SECONDS: whole().default(300),
  /** Base64 of 32 bytes that seal the sites' credentials; a file in the data directory where it is not set. */
  CASCADE_SECRET_KEY: z.string().optional(),
  /** Bytes of the largest JSON body. @see oslo.middleware max_request_body_size */
  CASCADE_MAX_BODY_BYTES: whole().default(114_688),
  /** Hosts, besides our own, whose pages may open consoles, separated by commas (a dashboard's). */
  CASCADE_CONSOLE_HOSTS: z.string().default(''),
  /** Hosts of the inside, as `host` or `host:port`, from which images may be imported, separated by commas (a mirror). */
  CASCADE_IMPORT_HOSTS: z.string().default(''),
  /** Sites whose backend honours security group rules that name an address group, separated by commas. */
  CASCADE_ADDRESS_GROUP_SITES: z.string().default(''),
  CASCADE_SITE_READ_SECONDS: whole().default(15),
  CASCADE_SITE_WRITE_SECONDS: whole().default(60),
  CASCADE_SITE_CONCURRENCY: whole(1).default(64),
  /** Requests a second to one site; 0 is no limit. */
  CASCADE_SITE_RATE: z.coerce
    .number('must be a number, 0 or more')
    .nonnegative('must be a number, 0 or more')
    .default(0),
  /** Seconds between two reads of a feed. */
  CASCADE_FEED_SECONDS: z.coerce.number('must be a number above 0').positive('must be a number above 0').default(6),
  /** Seconds between two comparisons of a site with what is global (flavors, types, quotas …). */
  CASCADE_RECONCILE_SECONDS: z.coerce
    .number('must be a number above 0')
    .positive('must be a number above 0')
    .default(30),
  /** How images come to sites where no policy says otherwise. */
  CASCADE_IMAGE_COPY_MODE: z.enum(modes).default('lazy'),
  /** By which method their bytes come where no policy says otherwise. */
  CASCADE_IMAGE_COPY_METHOD: z.enum(copyMethods).default('upload'),
  /** How sites reach us, for images that they fetch by themselves; where it is not set they do not. */
  CASCADE_IMAGE_PULL_URL: url.optional(),
  /** Copies of images made to one site at once. */
  CASCADE_IMAGE_COPIES: whole(1).default(2),
  /** Bytes a second to one site for copies of images; 0 is no limit. */
  CASCADE_IMAGE_COPY_RATE: whole().default(0),
  /** The newest microversions that tenants are offered, as `compute=2.93,volume=3.70`: for clients that fail on newer ones. */
  CASCADE_MAX_MICROVERSIONS: z.string().default('').transform(microversionLimits),
  CASCADE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export interface Config {
  readonly dataDir: string;
  readonly databaseUrl: string | undefined;
  readonly databaseConnections: number;
  readonly host: string;
  readonly port: number;
  readonly publicUrl: string | undefined;
  readonly keystone:
    { readonly url: string; readonly aliases: readonly string[]; readonly verifyTls: boolean } | undefined;
  readonly adminPassword: string | undefined;
  readonly passwordHashRounds: number;
  readonly tokenSeconds: number;
  readonly region: string;
  readonly tokenCacheSeconds: number;
  readonly secretKey: string | undefined;
  readonly maxBodyBytes: number;
  readonly consoleHosts: readonly string[];
  readonly importHosts: readonly string[];
  readonly addressGroupSites: ReadonlySet<string>;
  readonly siteDeadlines: { readonly readMs: number; readonly writeMs: number };
  readonly siteLimits: { readonly concurrency: number; readonly perSecond: number };
  readonly feedSeconds: number;
  readonly reconcileSeconds: number;
  readonly imageCopies: CopyOptions;
  readonly maxMicroversions: MicroversionLimits;
  readonly logLevel: string;
}

/** @throws Error naming each variable that does not parse */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  // An empty variable is one that is not set: that is how a shell unsets it for one command.
  const parsed = environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success) {
    const wrong = new Set(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
    throw new Error(`configuration: ${[...wrong].join('; ')} (docs/configuration.md has all variables)`);
  }
  const e = parsed.data;
  const at = e.CASCADE_LISTEN.lastIndexOf(':');
  const bare = (text: string): string => text.trim().replace(/\/+$/, '').replace(/\/v3$/, '');
  return {
    dataDir: e.CASCADE_DATA_DIR,
    databaseUrl: e.DATABASE_URL,
    databaseConnections: e.CASCADE_DATABASE_CONNECTIONS,
    host: e.CASCADE_LISTEN.slice(0, at).replace(/^\[|\]$/g, ''),
    port: Number(e.CASCADE_LISTEN.slice(at + 1)),
    publicUrl: e.CASCADE_PUBLIC_URL,
    keystone:
      e.CASCADE_KEYSTONE_URL === undefined
        ? undefined
        : {
            url: bare(e.CASCADE_KEYSTONE_URL),
            aliases: e.CASCADE_KEYSTONE_ALIASES.split(',').filter(Boolean).map(bare),
            verifyTls: !e.CASCADE_KEYSTONE_INSECURE,
          },
    adminPassword: e.CASCADE_ADMIN_PASSWORD,
    passwordHashRounds: e.CASCADE_PASSWORD_HASH_ROUNDS,
    tokenSeconds: e.CASCADE_TOKEN_SECONDS,
    region: e.CASCADE_REGION,
    tokenCacheSeconds: e.CASCADE_TOKEN_CACHE_SECONDS,
    secretKey: e.CASCADE_SECRET_KEY,
    maxBodyBytes: e.CASCADE_MAX_BODY_BYTES,
    consoleHosts: e.CASCADE_CONSOLE_HOSTS.split(',').filter(Boolean),
    importHosts: e.CASCADE_IMPORT_HOSTS.split(',').filter(Boolean),
    addressGroupSites: new Set(e.CASCADE_ADDRESS_GROUP_SITES.split(',').filter(Boolean)),
    siteDeadlines: { readMs: e.CASCADE_SITE_READ_SECONDS * 1000, writeMs: e.CASCADE_SITE_WRITE_SECONDS * 1000 },
    siteLimits: { concurrency: e.CASCADE_SITE_CONCURRENCY, perSecond: e.CASCADE_SITE_RATE },
    feedSeconds: e.CASCADE_FEED_SECONDS,
    reconcileSeconds: e.CASCADE_RECONCILE_SECONDS,
    imageCopies: {
      mode: e.CASCADE_IMAGE_COPY_MODE,
      method: e.CASCADE_IMAGE_COPY_METHOD,
      pullUrl: e.CASCADE_IMAGE_PULL_URL?.replace(/\/+$/, ''),
      perSite: e.CASCADE_IMAGE_COPIES,
      bytesPerSecond: e.CASCADE_IMAGE_COPY_RATE,
    },
    maxMicroversions: e.CASCADE_MAX_MICROVERSIONS,
    logLevel: e.CASCADE_LOG_LEVEL,
  };
}

/** Where clients on this machine reach the cascade: `http://127.0.0.1:8700`. */
export const urlOf = ({ publicUrl, host, port }: Config): string => publicUrl ?? `http://${addressOf({ host, port })}`;
