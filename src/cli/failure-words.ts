/** What a command says when it fails. */

const user = (): string => `user ${process.getuid?.() ?? ''}`;

const place = ({ path }: NodeJS.ErrnoException): string => (path === undefined ? '' : ` (${path})`);

const forbidden = (error: NodeJS.ErrnoException): string =>
  `${user()} may not read or write ${error.path ?? 'a file'} (${error.code}): correct its permissions, or choose another ` +
  'place for what cascade keeps with CASCADE_DATA_DIR';

const full = (error: NodeJS.ErrnoException): string =>
  `no room is left on the disk${place(error)}: make some, or choose another place for what cascade keeps with CASCADE_DATA_DIR`;

/** Errors of the system, which say neither what they mean here nor what to do. */
const system: Readonly<Record<string, (error: NodeJS.ErrnoException) => string>> = {
  ENOSPC: full,
  EDQUOT: full,
  EACCES: forbidden,
  EPERM: forbidden,
  EROFS: forbidden,
  EMFILE: () => 'too many files are open for this process: raise the limit (ulimit -n)',
  ENFILE: () => 'too many files are open on this machine: raise the limit (sysctl fs.file-max)',
};

/** One or a few sentences without a stack: what is wrong, and what to do. */
export function wordsOf(error: unknown): string {
  const failure = error as NodeJS.ErrnoException;
  const words = failure.syscall === undefined ? undefined : system[failure.code ?? ''];
  return words?.(failure) ?? failure.message;
}
