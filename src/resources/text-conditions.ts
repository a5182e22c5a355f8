/** Texts in lists, compared as the services' databases do: see openstack/text-collation.ts. */
import { collated, idAsKept } from '@cascade/openstack-protocol/filters/text-collation.js';
import { condition, type Condition } from './list-query.js';

/** @param column SQL, of our own tables */
export const textIsIn = (column: string, values: readonly string[]): Condition =>
  condition(`collated(${column}) = any(?)`, values.map(collated));

export const textIs = (column: string, value: string): Condition =>
  condition(`collated(${column}) = ?`, collated(value));

/** For columns of ids, whose indexes hold them as they are kept: in small letters, whatever letters were asked for. */
export const idIsIn = (column: string, values: readonly string[]): Condition =>
  condition(`${column} = any(?)`, spellings(values));

const spellings = (ids: readonly string[]): string[] => [...new Set(ids.flatMap((id) => [id, idAsKept(id)]))];

/** Of a fact that is a list of texts. */
export const hasAll = (fact: string, values: readonly string[]): Condition =>
  condition(`${textsOf(fact)} @> ?::text[]`, values.map(collated));

export const hasAny = (fact: string, values: readonly string[]): Condition =>
  condition(`${textsOf(fact)} && ?::text[]`, values.map(collated));

export const not = ({ sql, values }: Condition): Condition => ({ sql: `not (${sql})`, values });

const textsOf = (fact: string): string =>
  `array(select collated(one #>> '{}') from jsonb_path_query(r.facts, '$."${fact}"[*]') one)`;
