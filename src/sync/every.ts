/** Work that is done again and again, never twice at once. */
export interface Task {
  stop(): void;
}

export interface RepeatedTask extends Task {
  /** Runs the work as soon as it does not run: now, or once more after the run that is under way. */
  soon(): void;
}

/** Runs `work` now and then `seconds` after it ended; a failure is reported and changes nothing about the next run. */
export function every(seconds: number, work: () => Promise<unknown>, failed: (error: unknown) => void): RepeatedTask {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running = false;
  let again = false;
  const run = async (): Promise<void> => {
    clearTimeout(timer);
    running = true;
    await work().catch((error: unknown) => {
      if (!stopped) failed(error);
    });
    running = false;
    if (!stopped) timer = setTimeout(() => void run(), again ? 0 : seconds * 1000);
    again = false;
  };
  void run();
  return {
    soon: () => {
      if (running) again = true;
      else if (!stopped) void run();
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
