import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { AliasTable } from '../../sites/alias-table.js';
import { knownIds, SiteAliases } from '../../sites/site-aliases.js';
import { silent } from '../log.js';
import { migrate } from '../migrate.js';
import { testDatabase } from '../testing.js';
import { migrations } from './index.js';

test('ids that shadows knew and aliases from before are aliases after, and volumes are kept with the cascade’s ids', async () => {
  const before = migrations.filter(({ number }) => number < 21);
  const { database, close } = await testDatabase({ migrations: before });
  try {
    const { id: site } = await database.one<{ id: number }>(
      `insert into site (name, state, auth_url, region, interface, verify_tls, credential, capabilities)
       values ('west', 'enabled', '', '', '', true, '', '{}') returning id`,
    );
    const [type, typeThere, image, imageThere, group] = Array.from({ length: 5 }, () => randomUUID()) as [
      string,
      string,
      string,
      string,
      string,
    ];
    await database.run(`insert into alias (site_id, id, site_resource_id) values ($1, $2, $3)`, [
      site,
      image,
      imageThere,
    ]);
    await database.run(
      `insert into shadow (kind, global_id, site_id, site_resource_id, seen, making_since)
       values ('volume_type', $2, $1, $3, '{}', null), ('flavor', '1', $1, '1', '{}', null), ('server_group', $4, $1, $4, null, now())`,
      [site, type, typeThere, group],
    );
    await database.run(
      `insert into resource (kind, id, site_id, created_at, updated_at, body, facts)
       values ('volume', 'v', $1, now(), now(), $2, $3)`,
      [site, JSON.stringify({ volume_type_id: typeThere }), { volume_type_id: typeThere }],
    );
    await migrate(database.transaction, migrations, silent);

    const aliases = new SiteAliases(new AliasTable(database), site, knownIds());
    const own = await aliases.toSite(Buffer.from(`${type} ${image} ${group}`));
    expect(own.toString()).toBe(`${typeThere} ${imageThere} ${group}`);
    const shadows = await database.many(`select kind, has_alias from shadow order by kind`);
    expect(shadows).toEqual([
      { kind: 'flavor', has_alias: false },
      { kind: 'server_group', has_alias: false },
      { kind: 'volume_type', has_alias: true },
    ]);
    const volume = await database.one(`select body, facts from resource where id = 'v'`);
    expect(volume).toEqual({ body: JSON.stringify({ volume_type_id: type }), facts: { volume_type_id: type } });
    await new AliasTable(database).add(site, group, randomUUID());
    expect(String(await aliases.toSite(Buffer.from(group)))).not.toBe(group);
  } finally {
    await close();
  }
});
