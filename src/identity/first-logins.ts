/** How to log in to a new built-in identity. */
import { readKeptPassword } from './built-in/kept-password.js';

export interface FirstLogin {
  readonly username: string;
  readonly password: string;
  readonly projectName: string;
  /** Of the user and the project. */
  readonly domainName: string;
}

/**
 * The administrator as it was made at the first start.
 * @param adminPassword the configured one, where there is one
 * @returns undefined where the password is neither configured nor kept in this data directory
 */
export async function adminCredential(dataDir: string, adminPassword?: string): Promise<FirstLogin | undefined> {
  return firstLogin('admin', adminPassword ?? (await readKeptPassword(dataDir, 'admin')));
}

/** The user `demo`, a member of the project `demo`. */
export async function demoCredential(dataDir: string): Promise<FirstLogin | undefined> {
  return firstLogin('demo', await readKeptPassword(dataDir, 'demo'));
}

const firstLogin = (name: string, password: string | undefined): FirstLogin | undefined =>
  password === undefined ? undefined : { username: name, password, projectName: name, domainName: 'Default' };
