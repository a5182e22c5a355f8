/** A role assignment as the API shows it. @see openstack/keystone:keystone/api/role_assignments.py _format_entity */
import type { Asked } from '../asked.js';
import { refTo, type Body, type Item } from '../collection/items.js';
type Names = ReadonlyMap<string, Item>;

/** @param names rows of what is named, where names were asked for */
export function assignmentView(assignment: Assignment, { url }: Asked, names: Names | undefined): Body {
  const { actor, target, role, inherited, via_group, via_target, via_role } = assignment;
  const [targetKind] = split(target);
  const below = `${pathOf(via_target ?? target)}${pathOf(via_group ?? actor)}${pathOf(via_role ?? role)}`;
  const scope = targetKind === 'system' ? { system: { all: true } } : { [targetKind]: shown(target, names) };
  return {
    role: shown(role, names),
    [split(actor)[0]]: shown(actor, names),
    scope: { ...scope, ...(inherited ? { 'OS-INHERIT:inherited_to': 'projects' } : {}) },
    links: {
      assignment: `${url}${inherited ? `/OS-INHERIT${below}/inherited_to_projects` : below}`,
      ...(via_group ? { membership: `${url}${pathOf(via_group)}${pathOf(actor)}` } : {}),
      ...(via_role ? { prior_role: `${url}/prior_role/${split(role)[1]}/implies/${split(via_role)[1]}` } : {}),
    },
  };
}

function split(ref: string): [kind: string, id: string] {
  const at = ref.indexOf('/');
  return [ref.slice(0, at), ref.slice(at + 1)];
}

function pathOf(ref: string): string {
  const [kind, id] = split(ref);
  return kind === 'system' ? '/system' : `/${kind}s/${id}`;
}

function shown(ref: string, names: Names | undefined): Body {
  const id = split(ref)[1];
  const item = names?.get(ref);
  if (!item) return { id };
  const domain = item.body['domain_id'] ? names?.get(refTo('domain', String(item.body['domain_id']))) : undefined;
  return {
    id,
    name: item.body['name'],
    ...(domain ? { domain: { id: domain.id, name: domain.body['name'] } } : {}),
  };
}

/** References; `via…` tell where an effective one comes from. */
export interface Assignment {
  readonly actor: string;
  readonly target: string;
  readonly role: string;
  readonly inherited: boolean;
  readonly via_group: string | null;
  readonly via_target: string | null;
  readonly via_role: string | null;
}
