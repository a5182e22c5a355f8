import { expect, test } from 'vitest';
import { silent } from '../log.js';
import { migrate } from '../migrate.js';
import { testDatabase } from '../testing.js';
import { migrations } from './index.js';

test('default groups of projects are homed, in the sites that they were mapped in, and what was a copy is one', async () => {
  const before = migrations.filter(({ number }) => number < 28);
  const { database, close } = await testDatabase({ migrations: before });
  try {
    const sites = await database.many<{ id: number }>(
      `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
       select name, 'enabled', '', '', '', true, '', '{}' from unnest(array['east', 'west']) name returning id`,
    );
    const [east, west] = sites.map(({ id }) => id) as [number, number];
    await database.run(`insert into default_group (project_id, id, site_id) values ('p', 'g', $1)`, [east]);
    await database.run(
      `insert into default_group_site (project_id, site_id, follows) values ('p', $1, null), ('p', $2, false)`,
      [east, west],
    );
    const store = (kind: string, id: string, site: number, facts: object) =>
      database.run(
        `insert into resource (kind, id, site_id, project_id, created_at, updated_at, body, facts)
         values ($1, $2, $3, 'p', now(), now(), '{}', $4)`,
        [kind, id, site, facts],
      );
    for (const site of [east, west]) await store('security_group', 'g', site, { name: 'default' });
    await migrate(database.transaction, migrations, silent);

    await store('security_group_rule', 'r', west, { security_group_id: 'g' });
    await store('security_group_rule', 'q', east, { security_group_id: 'g' });
    await store('security_group', 'h', west, { name: 'web', description: `cascade copy of ${'0'.repeat(32)}` });
    const rows = await database.many(`select id, site_id as site, is_copy from resource order by id, site_id`);
    expect(rows).toEqual([
      { id: 'g', site: east, is_copy: false },
      { id: 'g', site: west, is_copy: true },
      { id: 'h', site: west, is_copy: true },
      { id: 'q', site: east, is_copy: false },
      { id: 'r', site: west, is_copy: true },
    ]);
    const homed = await database.many(`select kind, id, project_id, home_id, is_default from homed`);
    expect(homed).toEqual([{ kind: 'security_group', id: 'g', project_id: 'p', home_id: east, is_default: true }]);
    const places = await database.many(`select site_id, is_there, follows from homed_site order by site_id`);
    expect(places).toEqual([
      { site_id: east, is_there: true, follows: null },
      { site_id: west, is_there: true, follows: false },
    ]);
    const changes = await database.many(`select distinct kind, id from homed_change`);
    expect(changes).toEqual([{ kind: 'security_group', id: 'g' }]);

    // The home is taken out: the group of the other site is shown.
    await database.run(`delete from site where id = $1`, [east]);
    expect(await database.one(`select home_id from homed`)).toEqual({ home_id: west });
    expect(await database.one(`select is_copy from resource where id = 'g'`)).toEqual({ is_copy: false });
  } finally {
    await close();
  }
});
