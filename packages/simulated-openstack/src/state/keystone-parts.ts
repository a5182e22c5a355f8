/** What is kept of a Keystone that a cloud has for itself. Its tokens are not: whoever has one logs in again. */
import type { OwnKeystone } from '@cascade/openstack-adapter/keystone/own-keystone.js';
import { compared, rowsIn, valueAt, type Parts } from './part.js';

export function keystoneParts(keystone: OwnKeystone): Parts {
  const { projects, users, secrets, assigned } = keystone.accounts;
  return {
    project: rowsIn(projects),
    user: rowsIn(users),
    password: compared({
      rows: () =>
        [...secrets].map(([id, one]) => [id, [one.salt, one.digest].map((part) => part.toString('hex'))] as const),
      restore: (rows) => {
        secrets.clear();
        for (const [id, [salt = '', digest = '']] of rows) {
          secrets.set(id, { salt: Buffer.from(salt, 'hex'), digest: Buffer.from(digest, 'hex') });
        }
      },
    }),
    'role assignment': compared({
      rows: () => [...assigned].map(([key, ids]) => [key, [...ids]] as const),
      restore: (rows) => {
        assigned.clear();
        for (const [key, ids] of rows) assigned.set(key, new Set(ids));
      },
    }),
    administrator: valueAt(
      () => keystone.admin,
      (admin) => (keystone.admin = admin),
    ),
  };
}
