/** As whom the command logs in: by the usual OS_* variables, or else as the administrator of this machine's own cascade. */
import type { Credential } from '@cascade/openstack-protocol/client/keystone-session.js';
import { adminCredential } from '../identity/first-logins.js';
import { loadConfig, urlOf } from '../config.js';
import { CommandFailed } from './command-failed.js';

export interface Login {
  /** With or without `/v3`. */
  readonly authUrl: string;
  readonly credential: Credential;
}

/** @throws CommandFailed naming the variable that is missing */
export async function loginFrom(env: NodeJS.ProcessEnv): Promise<Login> {
  return env['OS_AUTH_URL'] ? { authUrl: env['OS_AUTH_URL'], credential: credentialFrom(env) } : ownLogin(env);
}

/** A cascade with an identity of its own keeps the password that it made up in its data directory. */
async function ownLogin(env: NodeJS.ProcessEnv): Promise<Login> {
  const config = loadConfig(env);
  const first = config.keystone ? undefined : await adminCredential(config.dataDir, config.adminPassword);
  if (!first) {
    throw new CommandFailed("OS_AUTH_URL is not set; source the openrc of the cascade's administrator");
  }
  return {
    authUrl: `${urlOf(config)}/identity/v3`,
    credential: inDefault(first.username, first.password, first.projectName),
  };
}

export const inDefault = (username: string, password: string, projectName: string): Credential => ({
  kind: 'password',
  username,
  password,
  projectName,
  userDomain: 'default',
  projectDomain: 'default',
});

function credentialFrom(env: NodeJS.ProcessEnv): Credential {
  const need = (name: string): string => {
    const value = env[name];
    if (!value) throw new CommandFailed(`${name} is not set; source the openrc of the cascade's administrator`);
    return value;
  };
  const id = env['OS_APPLICATION_CREDENTIAL_ID'];
  if (id) return { kind: 'application-credential', id, secret: need('OS_APPLICATION_CREDENTIAL_SECRET') };
  return {
    kind: 'password',
    username: need('OS_USERNAME'),
    password: need('OS_PASSWORD'),
    projectName: need('OS_PROJECT_NAME'),
    userDomain: env['OS_USER_DOMAIN_NAME'] ?? env['OS_USER_DOMAIN_ID'] ?? 'default',
    projectDomain: env['OS_PROJECT_DOMAIN_NAME'] ?? env['OS_PROJECT_DOMAIN_ID'] ?? 'default',
  };
}
