/** Booleans in queries, as oslo.utils reads them. */
import { Fault } from '../openstack/faults.js';

const yes = /^(1|t|true|on|y|yes)$/i;
const no = /^(0|f|false|off|n|no)$/i;

/** Undefined for a word that is neither. */
export const strictBoolean = (text: string): boolean | undefined =>
  yes.test(text.trim()) ? true : no.test(text.trim()) ? false : undefined;

/** @throws Fault 400 in the words of cinder.utils.get_bool_param */
export function booleanParameter(name: string, text: string | undefined): boolean {
  if (text === undefined) return false;
  const value = strictBoolean(text);
  if (value === undefined) throw new Fault('bad-request', `Value '${text}' for '${name}' is not a boolean.`);
  return value;
}
