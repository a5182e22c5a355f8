/**
 * What the cascade makes at a site bears a mark, in a field that a create takes: a copy whose alias is not written yet is known
 * as one, one whose response was lost is found, and so are all of them after the database was lost.
 */
const hex = (id: string): string => id.replaceAll('-', '');
const uuid = (text: string): string => text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** The description of a copy, and of the rules in it. Without hyphens the id is none that the site's gateway would translate. */
export const copyMark = (id: string): string => `cascade copy of ${hex(id)}`;

/** The description of a rule that lets members in which are elsewhere. */
export const membersMark = (id: string): string => `cascade members of ${hex(id)}`;

const mark = /^cascade (copy|members) of ([0-9a-f]{32})$/;

/** The database knows it too, in the migration `homed-resources`. */
export const isMarked = (description: unknown): boolean => typeof description === 'string' && mark.test(description);

/** What something is a copy of; undefined for what is none. */
export function markedCopyOf(description: unknown): string | undefined {
  const found = typeof description === 'string' ? mark.exec(description) : null;
  return found?.[1] === 'copy' ? uuid(found[2]!) : undefined;
}
