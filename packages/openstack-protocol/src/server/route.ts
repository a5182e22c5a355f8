/** A row of a service's route table: one method and path, who may call it, what answers it. */
import type { Readable } from 'node:stream';
import type { Caller } from '../caller.js';
import type { Headers, OpenStackResponse, PathAsWritten } from '../message.js';
import type { Microversion } from '../microversion.js';
import type { Service } from '../service.js';

/** Project personas, weakest first. `service` is another service of the cloud, such as a site's own Nova. */
export type Persona = 'reader' | 'member' | 'member or service' | 'manager' | 'admin' | 'service';

/** A request that came through the front door: protocol is done with, the caller is known. */
export interface Asked {
  readonly service: Service;
  readonly method: string;
  /** Below version and project: `/servers/{id}`. */
  readonly path: string;
  /** What stood before and after the path: `/v2.1/{project_id}`, `.json`. */
  readonly written?: PathAsWritten;
  /** What the route's `{names}` matched, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly rawQuery: string;
  readonly headers: Headers;
  readonly microversion: Microversion | undefined;
  readonly requestId: string;
  /** `https://cloud.example/compute`: root of this service as the caller sees it. */
  readonly serviceUrl: string;
  /** `https://cloud.example`: root of the cloud as the caller sees it. */
  readonly publicUrl: string;
  readonly caller: Caller;
  /** The body as it arrives; `readBody` and this exclude each other. */
  readonly stream: Readable;
  /** The whole body, at most the configured size. @throws Fault 413 */
  readBody(): Promise<Buffer>;
  /** The body as a JSON object. @throws Fault 400 where it is none, 415 where it claims to be something else */
  readJson(): Promise<Record<string, unknown>>;
}

/** True for a request that has no body and changes nothing. */
export const isRead = ({ method }: Asked): boolean => method === 'GET' || method === 'HEAD';

export type Answer = (asked: Asked) => Promise<OpenStackResponse>;

export interface Route {
  readonly method: string;
  /** `/servers/{server_id}`, as in the API reference. */
  readonly path: string;
  readonly needs: Persona;
  readonly run: Answer;
  /** Last microversion that has this route; later ones get 404. */
  readonly until?: string;
  /** First microversion that has this route; earlier ones get 404. */
  readonly since?: string;
  /** True where HEAD is answered as GET is, though the service as a whole has no HEAD. */
  readonly head?: boolean;
}

/** `route('GET /servers/{server_id}', 'reader', show)` */
export function route(
  methodAndPath: string,
  needs: Persona,
  run: Answer,
  more: Pick<Route, 'since' | 'until' | 'head'> = {},
): Route {
  const space = methodAndPath.indexOf(' ');
  return { method: methodAndPath.slice(0, space), path: methodAndPath.slice(space + 1), needs, run, ...more };
}

/**
 * A query of which `get` tells the last of several values. Flask's `request.args.get` tells the first, and so does what pops
 * parameters (Cinder, Glance). @see Pylons/webob:src/webob/multidict.py MultiDict.__getitem__ and pop
 */
export class LastValues extends URLSearchParams {
  override get(name: string): string | null {
    return this.getAll(name).at(-1) ?? null;
  }
}
