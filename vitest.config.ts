import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: ['{src,packages/*/src}/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/openstack/**', '**/node_modules/**'],
    globalSetup: 'test/before-all.ts',
    pool: 'forks', // a process for each file, as a program would have
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000, // the first start of PostgreSQL on a busy machine
  },
});
