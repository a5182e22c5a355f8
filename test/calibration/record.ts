/**
 * Records the conversation with a real cloud, given the usual OS_* variables of an administrator:
 *   tsx test/calibration/record.ts > test/calibration/zed.jsonl
 *   tsx test/calibration/record.ts refusals > test/calibration/zed-refusals.jsonl
 * What is kept of the answers names no host, no id and no token. A cloud of another release is recorded in files of its name.
 */
import { converse } from './conversation.js';
import { logInFromEnvironment } from './log-in.js';
import { refuse } from './refused.js';
import { steps } from './steps.js';

const cloud = await logInFromEnvironment();
const answers = process.argv[2] === 'refusals' ? await refuse(cloud) : await converse(cloud, steps);
for (const answer of answers) process.stdout.write(`${JSON.stringify(answer)}\n`);
