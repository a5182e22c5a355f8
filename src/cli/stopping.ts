/** How a command that runs for long starts and ends. */
import type { Logger } from 'pino';
import { Opened } from '../opened.js';

/** Ctrl-C reaches a program several times where npm and others pass it on. */
const onePressMs = 1_000;

/**
 * Runs `start`, and then until SIGINT or SIGTERM, which close all that was opened and end the process: with 0, or with 1 where
 * something did not close. A start that is told to stop meanwhile is ended by its signal, and that is no failure. The second
 * signal, a second later at the earliest, ends the process at once.
 * @throws what `start` throws, once all that it had opened is closed
 */
export async function untilToldToStop(
  log: Logger,
  start: (opened: Opened, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const opened = new Opened();
  const stopping = new AbortController();
  const end = async (): Promise<void> => {
    try {
      await opened.close();
      process.exit(0);
    } catch (error) {
      log.error({ event: 'cascade.stop_failed', err: error }, 'did not stop cleanly');
      process.exit(1);
    }
  };
  const started = start(opened, stopping.signal);
  let since = 0;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping.signal.aborted) {
      if (Date.now() - since > onePressMs) process.exit(1);
      return;
    }
    since = Date.now();
    log.info({ event: 'cascade.stopping', signal }, 'stopping');
    stopping.abort();
    void started.catch(() => undefined).then(end);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop(signal));
  try {
    await started;
  } catch (error) {
    if (stopping.signal.aborted) return;
    await opened
      .close()
      .catch((failure: unknown) => log.error({ event: 'cascade.stop_failed', err: failure }, 'did not stop cleanly'));
    throw error;
  }
}
