import type { Migration } from '../migrate.js';
import { start } from './0001-start.js';
import { sitesAndResources } from './0002-sites-and-resources.js';
import { consoles } from './0003-consoles.js';
import { networkIndexes } from './0004-network-indexes.js';
import { processes } from './0005-processes.js';
import { serversAtScale } from './0007-servers-at-scale.js';

/** In order, numbered from 1 without gaps. One that was released is never changed: add the next. */
export const migrations: readonly Migration[] = [
  start,
  sitesAndResources,
  consoles,
  networkIndexes,
  processes,
  serversAtScale,
];
