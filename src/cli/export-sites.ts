/** `cascade site export` */
import { existsSync, fstatSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Credential } from '@cascade/openstack-protocol/client/keystone-session.js';
import { loadConfig } from '../config.js';
import { secretOf, withSecret } from '../sites/credential.js';
import type { ExportedSite } from '../sites/views.js';
import { loadSecretKey, secretsWith, type Secrets } from '../sites/secrets.js';
import { CommandFailed } from './command-failed.js';
import { ask } from './operator-client.js';
import { isOpenToOthers } from './sites-file.js';
import { say, warn } from './words.js';

export async function exportSites(options: { withSecrets: boolean; output?: string }): Promise<void> {
  const { sites } = await ask<{ sites: ExportedSite[] }>('GET', `/export${options.withSecrets ? '?sealed=true' : ''}`);
  const secrets = options.withSecrets ? await openSecrets() : undefined;
  const shown = sites.map(({ sealed_credential: sealed, ...site }) =>
    secrets ? { ...site, auth: withSecret(site.auth, unsealed(secrets, sealed, site.name)) } : site,
  );
  const text = JSON.stringify({ sites: shown }, null, 2);
  if (options.output === undefined) {
    // Whoever redirects us makes the file before we can say how.
    if (options.withSecrets && fstatSync(1).isFile() && isOpenToOthers(fstatSync(1).mode)) {
      warn('the file holds secrets now and others may read it: chmod 600, or use --output');
    }
    return say(text);
  }
  await writeFile(options.output, `${text}\n`, { mode: 0o600 });
  await chmod(options.output, 0o600);
  const without = options.withSecrets ? '' : ', without secrets: keep the passwords elsewhere';
  say(`${options.output} has ${sites.length} sites${without}.`);
}

/** Secrets leave the cascade sealed. They are opened where its key is, and nowhere else. */
async function openSecrets(): Promise<Secrets> {
  const { secretKey, dataDir } = loadConfig(process.env);
  const file = join(dataDir, 'secret.key');
  if (!secretKey && !existsSync(file)) {
    throw new CommandFailed(
      `secrets open with the cascade's key: run this where ${file} is, or set CASCADE_SECRET_KEY`,
    );
  }
  return secretsWith(await loadSecretKey(secretKey, file));
}

function unsealed(secrets: Secrets, sealed: string, name: string): string {
  try {
    return secretOf(JSON.parse(secrets.open(sealed, name)) as Credential);
  } catch {
    throw new CommandFailed(`the credential of site ${name} cannot be decrypted: this is not the key of that cascade`);
  }
}
