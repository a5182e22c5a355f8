import { randomUUID } from 'node:crypto';

export const newRequestId = (): string => `req-${randomUUID()}`;

/** A caller's global request id, if it has the form oslo.middleware accepts. */
export const globalRequestId = (text: string | undefined): string | undefined =>
  text && /^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text : undefined;
