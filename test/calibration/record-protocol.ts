/**
 * Records how a real cloud answers odd headers, methods and paths, given the usual OS_* variables of an administrator:
 *   tsx test/calibration/record-protocol.ts > test/calibration/protocol.jsonl
 */
import { logInFromEnvironment } from './log-in.js';
import { askProtocol, protocolRequests } from './protocol-requests.js';

const { token, roots, known } = await logInFromEnvironment();
for (const asked of protocolRequests) {
  const cloud = { token, roots, project: known['project']! };
  // uwsgi hangs up now and then on what it was sent; whoever asks again is answered.
  const answer = await askProtocol(cloud, asked).catch(() => askProtocol(cloud, asked));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
