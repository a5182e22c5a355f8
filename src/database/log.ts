/** Where this room tells what happened: a fixed event name and fields. */
export interface Log {
  info(event: string, fields?: Record<string, unknown>): void;
  warn(event: string, fields?: Record<string, unknown>): void;
  error(event: string, fields?: Record<string, unknown>): void;
}

export const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
