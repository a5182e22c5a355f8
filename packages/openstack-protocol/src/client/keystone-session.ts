/** A session with a Keystone: a token that is renewed when it must be, and the catalog that came with it. */
import { bodyOf } from '../message.js';
import type { CatalogEntry } from './catalog.js';
import { NoAnswer, type HttpClient } from './http.js';

export type Credential =
  | {
      readonly kind: 'password';
      readonly username: string;
      readonly password: string;
      readonly projectName: string;
      readonly userDomain: string;
      readonly projectDomain: string;
    }
  | { readonly kind: 'application-credential'; readonly id: string; readonly secret: string };

export interface Session {
  readonly token: string;
  readonly expiresAt: Date;
  readonly catalog: readonly CatalogEntry[];
  readonly roles: readonly string[];
  readonly projectId?: string;
  readonly userId: string;
}

/** Keystone answered, and it was no. */
export class LoginRefused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'LoginRefused';
  }
}

interface TokenBody {
  token: {
    expires_at: string;
    catalog?: CatalogEntry[];
    roles?: { name: string }[];
    project?: { id: string };
    user: { id: string };
  };
}

/** A login that was refused is not tried again for so long; then twice as long, up to the longest. */
const firstPauseMs = 10_000;
const longestPauseMs = 600_000;

/** Keystones lock accounts after some refused logins, and a wrong password does not become right by itself. */
class Refusals {
  private last: LoginRefused | undefined;
  private until = 0;
  private pauseMs = firstPauseMs;

  /** @throws LoginRefused as it was, while it is too early to try again */
  requireNotRefusedLately(): void {
    if (this.last && Date.now() < this.until) throw this.last;
  }

  refused(error: LoginRefused): void {
    this.last = error;
    this.until = Date.now() + this.pauseMs;
    this.pauseMs = Math.min(2 * this.pauseMs, longestPauseMs);
  }

  accepted(): void {
    this.last = undefined;
    this.pauseMs = firstPauseMs;
  }
}

export class KeystoneSession {
  private readonly refusals = new Refusals();
  private current: Session | undefined;
  private pending: Promise<Session> | undefined;

  constructor(
    private readonly http: HttpClient,
    /** With or without `/v3`. */
    private readonly authUrl: string,
    private readonly credential: Credential,
    private readonly deadlineMs: number,
  ) {}

  /** The session, renewed a minute before it ends. Callers that come at once share one login. @throws NoAnswer, LoginRefused */
  async get(): Promise<Session> {
    if (this.current && this.current.expiresAt.getTime() - Date.now() > 60_000) return this.current;
    this.refusals.requireNotRefusedLately();
    this.pending ??= this.login().finally(() => (this.pending = undefined));
    return this.pending;
  }

  /**
   * The catalog as it is now. A login would tell it too, but costs Keystone a hash of the password.
   * @throws NoAnswer, LoginRefused
   */
  async readCatalog(): Promise<readonly CatalogEntry[]> {
    const { status, body } = await this.read('/auth/catalog');
    const { catalog } = body;
    if (status !== 200 || !Array.isArray(catalog))
      throw new NoAnswer(`Keystone answered ${status} instead of its catalog`, true);
    return catalog as CatalogEntry[];
  }

  /**
   * Ids of all projects, as an administrator may read them; a Keystone with a `list_limit` tells no more than that.
   * @returns undefined where Keystone does not allow it
   * @throws NoAnswer, LoginRefused
   */
  async readProjects(): Promise<string[] | undefined> {
    const { status, body } = await this.read('/projects');
    if (status >= 400 && status < 500) return undefined;
    const { projects } = body as { projects?: { id: string }[] };
    if (status !== 200 || !Array.isArray(projects))
      throw new NoAnswer(`Keystone answered ${status} instead of its projects`, true);
    return projects.map(({ id }) => id);
  }

  private async read(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const { token } = await this.get();
    const response = await this.http.send({
      method: 'GET',
      url: `${this.root}/v3${path}`,
      headers: { accept: 'application/json', 'x-auth-token': token },
      deadlineMs: this.deadlineMs,
    });
    if (response.status === 401) this.forget(token);
    return { status: response.status, body: (bodyOf(response) ?? {}) as Record<string, unknown> };
  }

  /** The service said 401 to this token: the next `get` logs in again, once for all who saw the same token fail. */
  forget(token: string): void {
    if (this.current?.token === token) this.current = undefined;
  }

  private get root(): string {
    return this.authUrl.replace(/\/+$/, '').replace(/\/v3$/, '');
  }

  private async login(): Promise<Session> {
    const response = await this.http.send({
      method: 'POST',
      url: `${this.root}/v3/auth/tokens`,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: Buffer.from(JSON.stringify(loginBody(this.credential))),
      deadlineMs: this.deadlineMs,
    });
    const token = response.headers['x-subject-token'];
    const body = bodyOf(response) as (Partial<TokenBody> & { error?: { message?: string } }) | undefined;
    // A refusal is Keystone's own word on the credential; all else (a balancer's 503 or 429, half a body) passes.
    const isComplete = response.status === 201 && token !== undefined && body?.token !== undefined;
    if (!isComplete && !isRefusal(response.status)) throw new NoAnswer(`Keystone answered ${response.status}`, true);
    if (response.status !== 201 || !token || !body?.token) {
      const refused = new LoginRefused(response.status, body?.error?.message ?? `Keystone answered ${response.status}`);
      this.refusals.refused(refused);
      throw refused;
    }
    this.refusals.accepted();
    this.current = {
      token,
      expiresAt: new Date(body.token.expires_at),
      catalog: body.token.catalog ?? [],
      roles: (body.token.roles ?? []).map((role) => role.name),
      userId: body.token.user.id,
      ...(body.token.project ? { projectId: body.token.project.id } : {}),
    };
    return this.current;
  }
}

const isRefusal = (status: number): boolean => status >= 400 && status < 500 && status !== 408 && status !== 429;

function loginBody(credential: Credential): unknown {
  if (credential.kind === 'application-credential') {
    const { id, secret } = credential;
    return { auth: { identity: { methods: ['application_credential'], application_credential: { id, secret } } } };
  }
  const { username, password, projectName, userDomain, projectDomain } = credential;
  return {
    auth: {
      identity: { methods: ['password'], password: { user: { name: username, password, domain: domain(userDomain) } } },
      scope: { project: { name: projectName, domain: domain(projectDomain) } },
    },
  };
}

// `default` is the id of Keystone's first domain, whose name is `Default`; every other word is taken for a name.
const domain = (word: string) => (word === 'default' ? { id: word } : { name: word });
