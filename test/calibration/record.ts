/**
 * Records the conversation with a real cloud, given the usual OS_* variables of an administrator:
 *   tsx test/calibration/record.ts > test/calibration/zed.jsonl
 * What is kept of the answers names no host, no id and no token.
 */
import { converse } from './conversation.js';
import { logInFromEnvironment } from './log-in.js';
import { steps } from './steps.js';

const cloud = await logInFromEnvironment();
for (const answer of await converse(cloud, steps)) process.stdout.write(`${JSON.stringify(answer)}\n`);
