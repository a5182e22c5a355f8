import type { Migration } from '../migrate.js';

export const unmappedDefaultGroups: Migration = {
  number: 19,
  name: 'unmapped-default-groups',
  sql: `
    -- Also a group 'default' that a site is just known to have made for a project whose group is known already: until the
    -- alias is written it has the site's own id, and a project must not be shown two.
    create or replace function mark_default_group_copy() returns trigger language plpgsql as $body$
      begin
        new.is_copy := exists (
          select 1 from default_group d
           where d.site_id is distinct from new.site_id
             and d.id = case new.kind when 'security_group' then new.id
                                      when 'security_group_rule' then new.facts->>'security_group_id'
                                      else new.facts->>'object_id' end);
        if not new.is_copy and new.kind = 'security_group' and new.facts->>'name' = 'default' then
          new.is_copy := exists (select 1 from default_group d where d.project_id = new.project_id and d.id <> new.id);
        elsif not new.is_copy and new.kind = 'security_group_rule' then
          new.is_copy := exists (
            select 1 from resource g
             where g.kind = 'security_group' and g.id = new.facts->>'security_group_id' and g.site_id = new.site_id and g.is_copy);
        end if;
        return new;
      end $body$;
  `,
};
