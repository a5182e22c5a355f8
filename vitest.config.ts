import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: ['{src,packages/*/src}/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/openstack/**', '**/node_modules/**'],
    globalSetup: 'test/before-all.ts',
    pool: 'forks', // a process for each file, as a program would have
    maxWorkers: 2,
    // How long something may take at most is no promise of a test: a busy machine takes its time.
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 120_000, // the first start of PostgreSQL on a busy machine
  },
});
