/** Who may not do what he asks for hears of the policy that says so, in the words of the service. */
import { Fault } from '../faults.js';
import { isObject, tryJson } from './body.js';

/** The default policies of a service. */
export interface Policies {
  /** Their names by the operations that not everybody may do: `GET /os-services`, `POST /servers/{}/action (os-start)`. */
  readonly names: Readonly<Record<string, string>>;
  readonly disallowed: (rule: string) => Fault;
}

/** @see openstack/nova:nova/exception.py and openstack/cinder:cinder/exception.py PolicyNotAuthorized */
export const notAllowedToPerform = (rule: string): Fault =>
  new Fault('forbidden', `Policy doesn't allow ${rule} to be performed.`);

/** @param readBody tells which action it is, where one path has many */
export async function refusalByPolicy(
  policies: Policies | undefined,
  { method, path }: { readonly method: string; readonly path: string },
  readBody: () => Promise<Buffer>,
): Promise<Fault> {
  const { names = {}, disallowed = notAllowedToPerform } = policies ?? {};
  const operation = `${method} ${path.replace(/\{[^}]*\}/g, '{}')}`;
  const named = names[operation] ?? (path.endsWith('/action') ? names[await actionOf(operation, readBody)] : undefined);
  // What has no policy of its own in any release is named by what it is.
  return disallowed(named ?? `${method.toLowerCase()}:${path}`);
}

async function actionOf(operation: string, readBody: () => Promise<Buffer>): Promise<string> {
  const body = tryJson(await readBody());
  const [action] = isObject(body) ? Object.keys(body) : [];
  return `${operation} (${action ?? ''})`;
}
