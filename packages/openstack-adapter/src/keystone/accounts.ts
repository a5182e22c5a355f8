/** Users, projects and roles of a cloud that has a Keystone of its own. All of them are in the default domain. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Fault } from '@cascade/openstack-protocol/faults.js';

export const domain = { id: 'default', name: 'Default' } as const;

export interface Project {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly enabled: boolean;
}

export interface User {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly email?: string;
  readonly description?: string;
  readonly defaultProjectId?: string;
}

export interface Role {
  readonly id: string;
  readonly name: string;
}

/** A password, as it is kept. */
export interface Secret {
  readonly salt: Buffer;
  readonly digest: Buffer;
}

/** Each implies those before it. */
const roleNames = ['reader', 'member', 'manager', 'admin'] as const;

export const newId = (): string => randomBytes(16).toString('hex');

/** The same in every cloud, as the ids of things made by `keystone-manage bootstrap` are not: it spares a look-up. */
const idOf = (...words: string[]): string => createHash('md5').update(words.join('/')).digest('hex');

export class Accounts {
  readonly projects = new Map<string, Project>();
  readonly users = new Map<string, User>();
  readonly roles: readonly Role[] = [...roleNames, 'service'].map((name) => ({ id: idOf('role', name), name }));
  /** Of users, by id. Public for whoever keeps the accounts, as is `assigned`. */
  readonly secrets = new Map<string, Secret>();
  /** `user/project` to ids of roles. */
  readonly assigned = new Map<string, Set<string>>();

  /** @throws Fault 409 for a name that is taken */
  addProject({ id = newId(), name, description = '', enabled = true }: Partial<Project> & { name: string }): Project {
    if (this.projectNamed(name)) throw duplicate('project', name);
    const project = { id, name, description, enabled };
    this.projects.set(id, project);
    return project;
  }

  /** @throws Fault 409 for a name that is taken */
  addUser(given: Partial<User> & { name: string }, password: string | undefined): User {
    if (this.userNamed(given.name)) throw duplicate('user', given.name);
    const user = { id: newId(), enabled: true, ...given };
    this.users.set(user.id, user);
    if (password !== undefined) this.setPassword(user.id, password);
    return user;
  }

  setPassword(userId: string, password: string): void {
    const salt = randomBytes(16);
    this.secrets.set(userId, { salt, digest: digest(salt, password) });
  }

  /** True where the user is enabled and this is the password. */
  isPassword({ id, enabled }: User, password: string): boolean {
    const secret = this.secrets.get(id);
    return enabled && secret !== undefined && timingSafeEqual(secret.digest, digest(secret.salt, password));
  }

  removeUser(id: string): void {
    this.users.delete(id);
    this.secrets.delete(id);
    for (const key of this.assigned.keys()) if (key.startsWith(`${id}/`)) this.assigned.delete(key);
  }

  removeProject(id: string): void {
    this.projects.delete(id);
    for (const key of this.assigned.keys()) if (key.endsWith(`/${id}`)) this.assigned.delete(key);
  }

  projectNamed(name: string): Project | undefined {
    return [...this.projects.values()].find((project) => project.name === name);
  }

  userNamed(name: string): User | undefined {
    return [...this.users.values()].find((user) => user.name === name);
  }

  roleNamed(name: string): Role {
    return this.roles.find((role) => role.name === name)!;
  }

  assign(userId: string, projectId: string, roleId: string): void {
    const key = `${userId}/${projectId}`;
    this.assigned.set(key, (this.assigned.get(key) ?? new Set()).add(roleId));
  }

  unassign(userId: string, projectId: string, roleId: string): void {
    this.assigned.get(`${userId}/${projectId}`)?.delete(roleId);
  }

  /** As assigned, without those they imply. */
  assignedRoles(userId: string, projectId: string): Role[] {
    const ids = this.assigned.get(`${userId}/${projectId}`);
    return this.roles.filter(({ id }) => ids?.has(id));
  }

  assignments(): { userId: string; projectId: string; roleId: string }[] {
    return [...this.assigned].flatMap(([key, ids]) => {
      const [userId = '', projectId = ''] = key.split('/');
      return [...ids].map((roleId) => ({ userId, projectId, roleId }));
    });
  }

  /** With those they imply; none where the user has nothing to do in the project. */
  rolesIn(userId: string, projectId: string): Role[] {
    const own = this.assignedRoles(userId, projectId);
    const top = Math.max(-1, ...own.map(({ name }) => (roleNames as readonly string[]).indexOf(name)));
    const implied = new Set<string>(roleNames.slice(0, top + 1));
    return this.roles.filter((role) => implied.has(role.name) || own.includes(role));
  }

  projectsOf(userId: string): Project[] {
    const ids = [...this.assigned.keys()]
      .filter((key) => key.startsWith(`${userId}/`))
      .map((key) => key.split('/')[1]!);
    return ids.flatMap((id) => this.projects.get(id) ?? []);
  }
}

const digest = (salt: Buffer, password: string): Buffer => createHash('sha256').update(salt).update(password).digest();

const duplicate = (what: string, name: string): Fault =>
  new Fault(
    'conflict',
    `Conflict occurred attempting to store ${what} - it is not permitted to have two ${what}s with the same name in the same domain: ${name}.`,
  );
