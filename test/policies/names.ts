/** The names of policies by operation, for `packages/openstack-protocol/src/policies/`: printed from what `extract.py` reads. */
import prettier from 'prettier';
import { isOfField, ranked, releases, shapeOf, type PolicyRow, type Service } from './releases.js';

/** `POST /servers/{}/action (os-start)`: an operation, and where the reference names it, its action. */
function operationOf([method, path]: PolicyRow): string {
  const [, action] = /\s\(([^)]*)\)$/.exec(path) ?? [];
  return shapeOf(method, path) + (action === undefined ? '' : ` (${action})`);
}

/** Operations that the services document under another path than they are served at, and those that share their rule. */
const alsoAt: Readonly<Record<string, readonly string[]>> = {
  'GET /os-hypervisors/details': ['GET /os-hypervisors/detail'],
  'PUT /types': ['PUT /types/{}'],
  'DELETE /types': ['DELETE /types/{}'],
  'PUT /volumes': ['PUT /volumes/{}'],
  'PUT /default-types': ['PUT /default-types/{}'],
  'PUT /snapshots/{}/metadata/{}': ['PUT /snapshots/{}/metadata'],
  'PUT /clusters/{}': ['PUT /clusters/enable', 'PUT /clusters/disable'],
  'POST /backups/{}/import_record': ['POST /backups/import_record'],
  'POST /backups/{}/export_record': ['GET /backups/{}/export_record'],
  'POST /groups': ['POST /groups/action'],
  'POST /os-volume-transfer': ['POST /volume-transfers'],
  'GET /manageable_volumes': ['GET /os-volume-manage'],
  'GET /manageable_volumes/detail': ['GET /os-volume-manage/detail'],
  'POST /manageable_volumes': ['POST /os-volume-manage'],
  'GET /manageable_snapshots': ['GET /os-snapshot-manage'],
  'GET /manageable_snapshots/detail': ['GET /os-snapshot-manage/detail'],
  'POST /manageable_snapshots': ['POST /os-snapshot-manage'],
};

/** Glance asks for it before the rule of the operation itself. */
const gate = 'tasks_api_access';

/**
 * The rule of each operation that not everybody may do, in the newest release that has the operation. Of several, which are
 * about parts of a request, it is the one that the weakest role meets, and of these the shortest: the others are named after it.
 */
export function policyNames(service: Service): Record<string, string> {
  const names = new Map<string, string>();
  for (const release of releases) {
    const byOperation = new Map<string, PolicyRow[]>();
    for (const row of release[service])
      byOperation.set(operationOf(row), [...(byOperation.get(operationOf(row)) ?? []), row]);
    for (const [operation, rows] of byOperation) {
      const gates = rows.filter(([, , rule]) => rule === gate);
      const own = gates.length > 0 ? gates : rows.filter(([, , rule]) => !isOfField(rule));
      const [first] = ranked(own.length > 0 ? own : rows).sort(
        ([a, one], [b, other]) => a - b || one[2].length - other[2].length,
      );
      for (const at of [operation, ...(alsoAt[operation] ?? [])]) {
        if (first && first[0] > 0) names.set(at, first[1][2]);
        else names.delete(at);
      }
    }
  }
  return Object.fromEntries([...names].sort(([a], [b]) => (a < b ? -1 : 1)));
}

export async function policyFile(service: Service): Promise<string> {
  const text = `/** Printed by test/policies/names.ts; \`npx vitest run test/policies/policies.test.ts --update\` prints it anew. */
export const ${service}Policies: Readonly<Record<string, string>> = ${JSON.stringify(policyNames(service))};`;
  return prettier.format(text, { parser: 'typescript', ...(await prettier.resolveConfig(import.meta.filename)) });
}
