/** A site's credential in the words of the operator's API. */
import type { Credential } from '@cascade/openstack-protocol/client/keystone-session.js';

/** Who logs in, without what proves it. */
export type PublicCredential =
  | {
      readonly username: string;
      readonly project_name: string;
      readonly user_domain: string;
      readonly project_domain: string;
    }
  | { readonly application_credential_id: string };

/** The whole, as `POST /sites` takes it. */
export type WholeCredential = PublicCredential &
  ({ readonly password: string } | { readonly application_credential_secret: string });

export const publicPart = (credential: Credential): PublicCredential =>
  credential.kind === 'application-credential'
    ? { application_credential_id: credential.id }
    : {
        username: credential.username,
        project_name: credential.projectName,
        user_domain: credential.userDomain,
        project_domain: credential.projectDomain,
      };

export const withSecret = (part: PublicCredential, secret: string): WholeCredential =>
  'username' in part ? { ...part, password: secret } : { ...part, application_credential_secret: secret };

export const secretOf = (credential: Credential): string =>
  credential.kind === 'application-credential' ? credential.secret : credential.password;
