import { expect, test } from 'vitest';
import { silent } from '../log.js';
import { migrate } from '../migrate.js';
import { testDatabase } from '../testing.js';
import { migrations } from './index.js';

test('a placeholder that waited for images waits for the same things after', async () => {
  const { database, close } = await testDatabase({ migrations: migrations.filter(({ number }) => number < 23) });
  try {
    await database.run(`insert into job (kind, key, input) values ('boot', 'a', $1), ('copy', 'b', $2)`, [
      { id: 'a', siteId: 1, imageIds: ['i', 'k'], sealed: '' },
      { imageId: 'i', siteId: 1 },
    ]);
    await migrate(database.transaction, migrations, silent);
    const inputs = (await database.many<{ input: unknown }>(`select input from job order by key`)).map(
      (row) => row.input,
    );
    const awaited = ['i', 'k'].map((id) => ({ kind: 'image', id }));
    expect(inputs).toEqual([
      { id: 'a', siteId: 1, awaited, sealed: '' },
      { imageId: 'i', siteId: 1 },
    ]);
  } finally {
    await close();
  }
});
