/** `sites.json`: what an operator keeps to have the same cascade again. */
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { applicationCredential, newSiteBody, password, type NewSiteBody } from '../admin/schemas.js';
import { withSecret } from '../sites/credential.js';
import { CommandFailed } from './command-failed.js';
import { warn } from './words.js';

/**
 * What `POST /sites` takes, where what proves who logs in may be missing: `site export` leaves it out unless asked. A file
 * written by hand may leave out all that has a default.
 */
const siteInFile = newSiteBody.extend({
  auth: z.union([
    password.partial({ password: true }),
    applicationCredential.partial({ application_credential_secret: true }),
  ]),
});
export type SiteInFile = z.infer<typeof siteInFile>;

const sitesFile = z.object({ sites: z.array(siteInFile).min(1) });

/** True where others than its owner may read a file with this mode. */
export const isOpenToOthers = (mode: number): boolean => (mode & 0o077) !== 0;

/** @throws CommandFailed naming what is wrong with the file */
export async function readSitesFile(path: string): Promise<SiteInFile[]> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new CommandFailed(error.message);
  });
  const parsed = sitesFile.safeParse(tryParse(path, text));
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`);
    throw new CommandFailed(`${path}: ${wrong.join('; ')}`);
  }
  const { sites } = parsed.data;
  const isSecret = sites.some(({ auth }) => 'password' in auth || 'application_credential_secret' in auth);
  if (isSecret && isOpenToOthers((await stat(path)).mode))
    warn(`${path} holds secrets and others may read it: chmod 600`);
  return sites;
}

function tryParse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandFailed(`${path} is no JSON: ${(error as Error).message}`);
  }
}

/** `CASCADE_SITE_EAST_1_PASSWORD` for a site `east-1`. */
const variableOf = (name: string, what: 'PASSWORD' | 'SECRET'): string =>
  `CASCADE_SITE_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_${what}`;

/**
 * What `POST /sites` takes, with secrets from the file or from the environment.
 * @throws CommandFailed naming every variable that is missing, so that nobody finds out one by one
 */
export function withSecrets(sites: readonly SiteInFile[], env: NodeJS.ProcessEnv): NewSiteBody[] {
  const missing: string[] = [];
  const bodies = sites.map((site) => {
    const what = 'username' in site.auth ? 'PASSWORD' : 'SECRET';
    const variable = variableOf(site.name, what);
    const secret = secretIn(site) ?? env[variable] ?? env[`CASCADE_SITE_${what}`];
    if (!secret) missing.push(variable);
    return { ...site, auth: withSecret(site.auth, secret ?? '') } as NewSiteBody;
  });
  if (missing.length > 0) {
    throw new CommandFailed(
      `the file has no secrets for some sites, nor has the environment: set ${missing.join(', ')}`,
    );
  }
  return bodies;
}

const secretIn = ({ auth }: SiteInFile): string | undefined =>
  'username' in auth ? auth.password : auth.application_credential_secret;
