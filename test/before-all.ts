import { startTestServer, testServerVariable } from '../src/database/testing.js';
import { compileProgram } from './program.js';

/** Once for each run of vitest: one PostgreSQL, in which every test file makes a database of its own, and one program. */
export default async function beforeAll(): Promise<() => Promise<void>> {
  const [{ url, stop }, removeProgram] = await Promise.all([startTestServer(), compileProgram()]);
  process.env[testServerVariable] = url;
  return async () => {
    await Promise.all([stop(), removeProgram()]);
  };
}
