/**
 * Records the conversation with a real cloud, given the usual OS_* variables of an administrator:
 *   tsx test/calibration/record.ts > test/calibration/zed.jsonl
 *   tsx test/calibration/record.ts refusals > test/calibration/zed-refusals.jsonl
 * What is kept of the answers names no host, no id and no token.
 */
import { converse } from './conversation.js';
import { logIn } from './log-in.js';
import { refuse } from './refused.js';
import { steps } from './steps.js';

const need = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

const cloud = await logIn(
  {
    authUrl: need('OS_AUTH_URL'),
    username: need('OS_USERNAME'),
    password: need('OS_PASSWORD'),
    projectName: need('OS_PROJECT_NAME'),
    region: need('OS_REGION_NAME'),
  },
  3_000,
);
const answers = process.argv[2] === 'refusals' ? await refuse(cloud) : await converse(cloud, steps);
for (const answer of answers) process.stdout.write(`${JSON.stringify(answer)}\n`);
