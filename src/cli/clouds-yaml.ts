/** `clouds.yaml` of a cascade with an identity of its own, for every OpenStack client. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { urlOf, type Config } from '../config.js';
import { adminCredential, demoCredential, type FirstLogin } from '../identity/first-logins.js';

/** What `--os-cloud` calls them. */
export const cloudNames = { admin: 'cascade-admin', demo: 'cascade' } as const;

/** Writes `<dataDir>/clouds.yaml`, readable by its owner alone: it holds passwords. @returns its path */
export async function writeCloudsYaml(config: Config): Promise<string> {
  const file = join(config.dataDir, 'clouds.yaml');
  const logins = {
    [cloudNames.admin]: await adminCredential(config.dataDir, config.adminPassword),
    [cloudNames.demo]: await demoCredential(config.dataDir),
  };
  const clouds = Object.entries(logins).map(([cloud, login]) => (login ? entry(cloud, login, config) : ''));
  await writeFile(`${file}.new`, `clouds:\n${clouds.join('')}`, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return file;
}

// A JSON string is a YAML string, whatever is in it.
const entry = (cloud: string, { username, password, projectName }: FirstLogin, config: Config): string => `  ${cloud}:
    auth:
      auth_url: ${JSON.stringify(`${urlOf(config)}/identity/v3`)}
      username: ${username}
      password: ${JSON.stringify(password)}
      project_name: ${projectName}
      user_domain_id: default
      project_domain_id: default
    region_name: ${JSON.stringify(config.region)}
    identity_api_version: 3
`;
