/** A site that is silent or broken: what needs it waits, however long it takes, and no attempt is counted. */
import { RetryLater } from '../jobs/job.js';

const againSeconds = 5;

export class SiteNotReady extends RetryLater {
  constructor(cause: string) {
    super(cause, againSeconds);
  }
}
