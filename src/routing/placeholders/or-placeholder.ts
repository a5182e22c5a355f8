/** Routes below one resource that may still be a placeholder: no site knows it then, so the cascade answers by itself. */
import type { Fault } from '@cascade/openstack-protocol/faults.js';
import type { OpenStackResponse } from '@cascade/openstack-protocol/message.js';
import type { Asked, Route } from '@cascade/openstack-protocol/server/route.js';
import type { Row } from '../../resources/inventory.js';
import type { World } from '../world.js';
import { findPlaceholder, mayBePlaceholder } from './placeholder-rows.js';

export interface PlaceholderAnswers {
  readonly kind: string;
  /** What paths call its id. */
  readonly params: readonly string[];
  /** For one that is deleted, or another project's. */
  noSuch(id: string): Fault;
  /** @param below what the path has after the id: '' where the resource itself is asked for */
  answer(asked: Asked, below: string, row: Row): Promise<OpenStackResponse>;
}

export const orPlaceholder =
  (world: World, { kind, params, noSuch, answer }: PlaceholderAnswers) =>
  (route: Route): Route => {
    const param = params.find((name) => route.path.includes(`{${name}}`));
    if (param === undefined) return route;
    const below = route.path.slice(route.path.indexOf(`{${param}}`) + param.length + 2);
    const run: Route['run'] = async (asked) => {
      const id = asked.params[param] ?? '';
      const row = mayBePlaceholder(id) ? await findPlaceholder(world.database, kind, id) : undefined;
      if (!row) return route.run(asked);
      const { isAdmin, projectId } = asked.caller;
      if (row.deleted_at || (!isAdmin && row.project_id !== projectId)) throw noSuch(id);
      return answer(asked, below, row);
    };
    return { ...route, run };
  };
