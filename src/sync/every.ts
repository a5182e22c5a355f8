/** Work that is done again and again, never twice at once. */
export interface Task {
  stop(): void;
}

/** Runs `work` now and then `seconds` after it ended; a failure is reported and changes nothing about the next run. */
export function every(seconds: number, work: () => Promise<unknown>, failed: (error: unknown) => void): Task {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const run = async (): Promise<void> => {
    await work().catch((error: unknown) => {
      if (!stopped) failed(error);
    });
    if (!stopped) timer = setTimeout(() => void run(), seconds * 1000);
  };
  void run();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
