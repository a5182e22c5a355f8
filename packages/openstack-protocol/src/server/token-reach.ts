/** Whether a token may be used for a request, beyond what its roles allow. @see openstack/keystonemiddleware:keystonemiddleware/auth_token/__init__.py */
import { mayReach } from './access-rules.js';
import type { Caller } from '../caller.js';
import { Fault } from '../faults.js';
import type { Service } from '../service.js';

export interface TokenCheck {
  /** @throws Fault 401 for a token that is not valid */
  authenticate(token: string | undefined): Promise<Caller>;
  /** Whether a caller's token is a service's, as it may come in `X-Service-Token`. @default who has the role `service` */
  isService?(caller: Caller): boolean;
  /** `WWW-Authenticate` of a refused token: where to get one. */
  readonly challenge?: string;
}

/**
 * A service that acts for its user sends a token of its own beside the user's, which then needs to reach no more than what was
 * asked of that service. The service's own must not be limited itself.
 * @param serviceToken `X-Service-Token`
 * @param rest the path below the service's root, as it came
 * @throws Fault 401
 */
export async function requireReach(
  check: TokenCheck,
  { accessRules }: Caller,
  serviceToken: string | undefined,
  service: Service,
  method: string,
  rest: string,
): Promise<void> {
  const asker = serviceToken === undefined ? undefined : await check.authenticate(serviceToken);
  if (mayReach(accessRules, service, method, rest)) return;
  const { isService = ({ roles }: Caller) => roles.includes('service'), challenge } = check;
  if (asker && !asker.accessRules && isService(asker)) return;
  throw new Fault('unauthorized', 'The request you have made requires authentication.', {
    headers: challenge === undefined ? {} : { 'www-authenticate': challenge },
  });
}
