/** What is shown of a resource whose site is silent: the state in which it was last seen. */
import { json } from '../../openstack/message.js';
import type { PassOptions } from '../../routing/pass.js';
import type { Listed } from './listed.js';
import { views } from './views.js';

export const shownAsLastSeen = ({ kind }: Listed): PassOptions => ({
  lastSeen: (asked, row) => json(200, { [kind]: views[kind].detailed(asked, row) }),
});
