/** PostgreSQL keeps no NUL, and its jsonb no half of a surrogate pair; JSON has both, and a tenant may write them. */

const inTheirPlace = '\ufffd';

/** A parameter of a query: a text with a NUL equals none that is kept. */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('\0') ? value.replaceAll('\0', inTheirPlace) : value;
  return Array.isArray(value) ? value.map(storable) : value;
}

/** JSON for a jsonb parameter. Escapes are read in pairs, so that a backslash before `u0000` stays what it is. */
export const jsonb = (value: unknown): string =>
  JSON.stringify(value).replace(/\\(?:\\|u0000|ud[89a-f][0-9a-f]{2})/g, (escape) =>
    escape === '\\\\' ? escape : inTheirPlace,
  );
