/** `clouds.yaml` of a cascade with an identity of its own, for every OpenStack client. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.js';
import { urlOf } from '../config.js';
import { readKeptPassword } from '../identity/built-in/kept-password.js';

/** What `--os-cloud` calls them: each user's name is the project's too. */
export const cloudNames = { admin: 'cascade-admin', demo: 'cascade' } as const;

/** Writes `<dataDir>/clouds.yaml`, readable by its owner alone: it holds passwords. @returns its path */
export async function writeCloudsYaml(config: Config): Promise<string> {
  const file = join(config.dataDir, 'clouds.yaml');
  const clouds = [];
  for (const [user, cloud] of Object.entries(cloudNames)) {
    const kept = await readKeptPassword(config.dataDir, user);
    const password = user === 'admin' ? (config.adminPassword ?? kept) : kept;
    if (password !== undefined) clouds.push(entry(cloud, user, password, config));
  }
  await writeFile(`${file}.new`, `clouds:\n${clouds.join('')}`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return file;
}

// A JSON string is a YAML string, whatever is in it.
const entry = (cloud: string, user: string, password: string, config: Config): string => `  ${cloud}:
    auth:
      auth_url: ${JSON.stringify(`${urlOf(config)}/identity/v3`)}
      username: ${user}
      password: ${JSON.stringify(password)}
      project_name: ${user}
      user_domain_id: default
      project_domain_id: default
    region_name: ${JSON.stringify(config.region)}
    identity_api_version: 3
`;
