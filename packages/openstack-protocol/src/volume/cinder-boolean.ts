/** Booleans in Cinder's queries. */
import { booleanWord } from '../filters/boolean-word.js';
import { Fault } from '../faults.js';

/** @throws Fault 400 in the words of cinder.utils.get_bool_param */
export function booleanParameter(name: string, text: string | undefined): boolean {
  if (text === undefined) return false;
  const value = booleanWord(text);
  if (value === undefined) throw new Fault('bad-request', `Value '${text}' for '${name}' is not a boolean.`);
  return value;
}
