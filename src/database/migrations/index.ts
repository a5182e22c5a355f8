import type { Migration } from '../migrate.js';
import { start } from './0001-start.js';
import { sitesAndResources } from './0002-sites-and-resources.js';
import { consoles } from './0003-consoles.js';
import { networkIndexes } from './0004-network-indexes.js';
import { processes } from './0005-processes.js';
import { identity } from './0006-identity.js';
import { serversAtScale } from './0007-servers-at-scale.js';
import { feeds } from './0008-feeds.js';
import { serverSearch } from './0009-server-search.js';
import { jobs } from './0010-jobs.js';
import { imageCopies } from './0011-image-copies.js';
import { aliases } from './0012-aliases.js';
import { imageTools } from './0013-image-tools.js';
import { serverHashes } from './0014-server-hashes.js';
import { textCollation } from './0015-text-collation.js';
import { globalVersions } from './0016-global-versions.js';
import { defaultGroups } from './0017-default-groups.js';
import { globalErrors } from './0018-global-errors.js';
import { unmappedDefaultGroups } from './0019-unmapped-default-groups.js';
import { standardTerms } from './0020-standard-terms.js';
import { aliasVersions } from './0021-alias-versions.js';
import { aliasesOfShadows } from './0022-aliases-of-shadows.js';
import { whatPlaceholdersNeed } from './0023-what-placeholders-need.js';
import { copyMethods } from './0024-copy-methods.js';
import { serversReadAnew } from './0025-servers-read-anew.js';
import { writtenGlobals } from './0026-written-globals.js';
import { capacityBySource } from './0027-capacity-by-source.js';
import { homedResources } from './0028-homed-resources.js';
import { delegatedAddresses } from './0029-delegated-addresses.js';
import { interconnects } from './0030-interconnects.js';

/** In order, numbered from 1 without gaps. One that was released is never changed: add the next. */
export const migrations: readonly Migration[] = [
  start,
  sitesAndResources,
  consoles,
  networkIndexes,
  processes,
  identity,
  serversAtScale,
  feeds,
  serverSearch,
  jobs,
  imageCopies,
  aliases,
  imageTools,
  serverHashes,
  textCollation,
  globalVersions,
  defaultGroups,
  globalErrors,
  unmappedDefaultGroups,
  standardTerms,
  aliasVersions,
  aliasesOfShadows,
  whatPlaceholdersNeed,
  copyMethods,
  serversReadAnew,
  writtenGlobals,
  capacityBySource,
  homedResources,
  delegatedAddresses,
  interconnects,
];
