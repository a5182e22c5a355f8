/** Words for true and false in queries. @see oslo.utils strutils.bool_from_string */
import { Fault } from '../faults.js';

const yes = /^(1|t|true|on|y|yes)$/i;
const no = /^(0|f|false|off|n|no)$/i;

/** Undefined for a word that is neither. */
export const booleanWord = (text: string): boolean | undefined =>
  yes.test(text.trim()) ? true : no.test(text.trim()) ? false : undefined;

/** @throws Fault 400 for a word that is neither, in the words of oslo.utils */
export function strictBoolean(text: string): boolean {
  const known = booleanWord(text);
  if (known !== undefined) return known;
  const words = `'0', '1', 'f', 'false', 'n', 'no', 'off', 'on', 't', 'true', 'y', 'yes'`;
  throw new Fault('bad-request', `Unrecognized value '${text}', acceptable values are: ${words}`);
}

/** True where `all_tenants` says so, or is there without a word. @see openstack/nova:nova/api/openstack/common.py is_all_tenants */
export function wantsAllTenants(query: URLSearchParams): boolean {
  const text = query.getAll('all_tenants').at(-1);
  return text === '' || (text !== undefined && strictBoolean(text));
}
