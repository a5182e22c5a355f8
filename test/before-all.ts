import { startTestServer, testServerVariable } from '../src/database/testing.js';

/** Once for each run of vitest: one PostgreSQL, in which every test file makes a database of its own. */
export default async function startPostgres(): Promise<() => Promise<void>> {
  const { url, stop } = await startTestServer();
  process.env[testServerVariable] = url;
  return stop;
}
