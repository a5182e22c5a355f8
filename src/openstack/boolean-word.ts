/** Words for true and false in queries. @see oslo.utils strutils.bool_from_string */
const yes = /^(1|t|true|on|y|yes)$/i;
const no = /^(0|f|false|off|n|no)$/i;

/** Undefined for a word that is neither. */
export const booleanWord = (text: string): boolean | undefined =>
  yes.test(text.trim()) ? true : no.test(text.trim()) ? false : undefined;
