/** A site that is silent or broken: what needs it waits, however long it takes, and no attempt is counted. */
import { Later } from '../jobs/job.js';

const againSeconds = 5;

export class SiteUnready extends Later {
  constructor(cause: string) {
    super(cause, againSeconds);
  }
}
