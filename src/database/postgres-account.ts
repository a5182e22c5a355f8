import { execFile } from 'node:child_process';
import { chown, lchown, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { PostgresNotAvailable } from './errors.js';
import type { Log } from './log.js';
import { binary, completeLinks, copyBinaries, type PostgresBinaries } from './postgres-binaries.js';

/** As whom PostgreSQL runs, since it refuses to run as root, and from where. */
export interface Account {
  method: 'same-user' | 'nobody' | 'user-namespace' | 'nobody-copied-binaries';
  /** Owner of PostgreSQL's files; undefined when that is simply us. */
  owner: { uid: number; gid: number } | undefined;
  /** Switches the user of a spawned process, undefined when it stays ours. */
  switchTo: { uid: number; gid: number } | undefined;
  /** What stands in front of the command. */
  prefix: readonly string[];
  binaries: PostgresBinaries;
}

const execute = promisify(execFile);

/**
 * Chooses the first method by which PostgreSQL can really be run on files in `dataDir`; each is tried, not guessed, since
 * access lists, containers and hardened kernels decide otherwise than file modes say.
 * @throws PostgresNotAvailable with what each method answered
 */
export async function chooseAccount(
  installed: PostgresBinaries,
  dataDir: string,
  log: Log,
  methods: readonly Account['method'][] = methodsOf(process.getuid?.()),
): Promise<Account> {
  const ids = await nobodyIds();
  const refused: string[] = [];
  for (const method of methods) {
    try {
      const account = await accountOf[method](installed, dataDir, ids);
      await tryOut(account, dataDir);
      log.info('postgres.account', { method, directory: account.binaries.directory });
      return account;
    } catch (error) {
      refused.push(`  ${method}: ${lastLine(error)}`);
    }
  }
  const rootAdvice = methods.includes('nobody')
    ? `PostgreSQL refuses to run as root, and no other user can work in ${dataDir}: run this program as an ordinary ` +
      'user, or choose a data directory that every user may enter'
    : `PostgreSQL does not run in ${dataDir}`;
  throw new PostgresNotAvailable([`${rootAdvice}, or use an external one by DATABASE_URL`, ...refused].join('\n'));
}

const methodsOf = (uid: number | undefined): Account['method'][] =>
  uid === 0 ? ['nobody', 'user-namespace', 'nobody-copied-binaries'] : ['same-user'];

type Ids = { uid: number; gid: number };
type MakeAccount = (installed: PostgresBinaries, dataDir: string, ids: Ids) => Promise<Account>;

const accountOf: Record<Account['method'], MakeAccount> = {
  'same-user': async (installed, dataDir) => ({
    method: 'same-user',
    owner: undefined,
    switchTo: undefined,
    prefix: [],
    binaries: await complete(installed, dataDir),
  }),
  nobody: async (installed, dataDir, ids) => ({
    method: 'nobody',
    owner: ids,
    switchTo: ids,
    prefix: [],
    binaries: await complete(installed, dataDir),
  }),
  // Root under another name: inside the namespace we are `nobody` (PostgreSQL wants a user with a name), outside
  // still root, so a clone and a data directory in root's closed home work.
  'user-namespace': async (installed, dataDir, ids) => ({
    method: 'user-namespace',
    owner: { uid: 0, gid: 0 },
    switchTo: undefined,
    prefix: ['unshare', '--user', `--map-user=${ids.uid}`, `--map-group=${ids.gid}`, '--'],
    binaries: await complete(installed, dataDir),
  }),
  // Containers often forbid namespaces. Where nobody can enter the data directory, the binaries can live there too.
  'nobody-copied-binaries': async (installed, dataDir, ids) => {
    await runShell([], ids, 'cd "$1"', dataDir); // before 60 MB are copied for nothing
    const binaries = await copyBinaries(installed, dataDir);
    return { method: 'nobody-copied-binaries', owner: ids, switchTo: ids, prefix: [], binaries };
  },
};

/** The binaries with all their links, copied when the place where npm put them cannot be written. */
async function complete(installed: PostgresBinaries, dataDir: string): Promise<PostgresBinaries> {
  try {
    await completeLinks(installed);
    return installed;
  } catch {
    return copyBinaries(installed, dataDir);
  }
}

/** Enters the data directory and runs the binaries, as that account. */
const tryOut = ({ switchTo, prefix, binaries }: Account, dataDir: string): Promise<void> =>
  runShell(prefix, switchTo, 'cd "$1" && exec "$2" --version', dataDir, binary(binaries, 'postgres'));

async function runShell(prefix: readonly string[], ids: Ids | undefined, script: string, ...args: string[]) {
  const [command, ...rest] = [...prefix, '/bin/sh', '-c', script, 'sh', ...args];
  await execute(command!, rest, { ...ids, cwd: '/', timeout: 20_000 });
}

/** Gives PostgreSQL's files to the account, as when an earlier start had to choose another method. */
export async function giveTo({ owner, method }: Account, directory: string): Promise<void> {
  const { uid } = await stat(directory);
  if (owner === undefined) {
    if (uid === process.getuid?.()) return;
    throw new PostgresNotAvailable(
      `${directory} belongs to user ${uid}, this program runs as user ${process.getuid?.()}: run it as that user`,
    );
  }
  if (uid === owner.uid) return;
  for (const name of await readdir(directory, { recursive: true })) {
    await lchown(path.join(directory, name), owner.uid, owner.gid).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  // The directory itself is last: it is what tells whether all this has been done.
  await chown(directory, owner.uid, owner.gid).catch((error: unknown) => {
    throw new PostgresNotAvailable(`cannot give ${directory} to user ${owner.uid} (${method})`, { cause: error });
  });
}

async function nobodyIds(): Promise<Ids> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+):/m.exec(users) ?? [];
  return { uid: Number(uid ?? 65534), gid: Number(gid ?? 65534) };
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  return (stderr?.trim() || message).split('\n').at(-1)!;
}
