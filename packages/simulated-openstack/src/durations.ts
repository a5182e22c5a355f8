/** How long what a cloud does behind its answers takes: the rows of a profile. */

/** A server stands for a server's task, a volume for a volume's. Values are the median in milliseconds. */
export const usualDurations = {
  'server build': 6_000,
  'server delete': 2_000,
  'server stop': 2_500,
  'server start': 2_500,
  'server reboot': 3_000,
  'server pause': 500,
  'server rebuild': 6_000,
  'server resize': 8_000,
  'server confirm': 1_000,
  'server shelve': 6_000,
  'server snapshot': 5_000,
  'server migrate': 8_000,
  'server attach': 1_500,
  'volume create': 2_000,
  'volume delete': 2_000,
  'volume attach': 1_000,
  'volume extend': 1_500,
  'volume retype': 3_000,
  'volume upload': 5_000,
  'snapshot create': 1_500,
  'snapshot delete': 1_500,
  'backup create': 4_000,
  'backup restore': 4_000,
  'image import': 3_000,
  'port bind': 500,
} as const;

export type Task = keyof typeof usualDurations;

export type Durations = Readonly<Record<Task, number>>;

export const tasks = Object.keys(usualDurations) as readonly Task[];

/** Every task done as soon as its answer is out. */
export const noDurations = Object.fromEntries(tasks.map((task) => [task, 0])) as Durations;
