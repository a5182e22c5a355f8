/** What comments and documents claim of the sources. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tableWriters } from './table-writers.js';

const root = join(import.meta.dirname, '..');
const filesBelow = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(root, folder, name));
const textOf = (file: string): string => readFileSync(file, 'utf8');
const ofPackages = readdirSync(join(root, 'packages')).flatMap((name) => filesBelow(`packages/${name}/src`, '.ts'));
const ofCascade = filesBelow('src', '.ts');
const sources = [...ofCascade, ...ofPackages];

describe('tables', () => {
  const isProduct = (file: string): boolean => !/\/migrations\/|\.test\.ts$|\/testing(-\w+)*\.ts$/.test(file);
  const names = Object.keys(tableWriters).join('|');
  const write = new RegExp(`\\b(?:insert\\s+into|update|delete\\s+from|merge\\s+into|truncate)\\s+(${names})\\b`, 'gi');

  test('each is written by the files that say so, and by no other', () => {
    const found: Record<string, Set<string>> = Object.fromEntries(
      Object.keys(tableWriters).map((table) => [table, new Set<string>()]),
    );
    for (const file of ofCascade.filter(isProduct)) {
      for (const [, table = ''] of textOf(file).matchAll(write)) {
        found[table.toLowerCase()]!.add(relative(join(root, 'src'), file));
      }
    }
    const sorted = (files: Iterable<string>): string[] => [...files].sort();
    const claimed = Object.entries(tableWriters).map(([table, files]) => [table, sorted(files)]);
    expect(Object.entries(found).map(([table, files]) => [table, sorted(files)])).toEqual(claimed);
  });

  test('every table that a migration makes is among them', () => {
    const migrations = [...filesBelow('src/database/migrations', '.ts'), join(root, 'src/database/migrate.ts')];
    const found = (pattern: RegExp) =>
      migrations.flatMap((file) => [...textOf(file).matchAll(pattern)].map(([, table]) => table ?? ''));
    const dropped = new Set(found(/drop table (\w+)/g));
    const made = found(/create (?:unlogged )?table (?:if not exists )?(\w+)/g).filter((table) => !dropped.has(table));
    expect(made.filter((table) => !Object.hasOwn(tableWriters, table))).toEqual([]);
  });
});

describe('engines', () => {
  const engines =
    /^src\/(routing|sync|resources)\/[\w-]+\.ts$|^src\/sites\/(?!discover)[\w-]+\.ts$|^packages\/openstack-protocol\/src\/(server\/)?(?!service-name)[\w-]+\.ts$/;
  const service = /(?<!kind = |kind in \(.*)'(compute|volume|network|image|placement)'/;

  test('know no service by its name: what differs between services is a field of its row', () => {
    const named = sources
      .map((file) => relative(root, file))
      .filter((file) => engines.test(file) && !file.endsWith('.test.ts'))
      .flatMap((file) =>
        textOf(join(root, file))
          .split('\n')
          .filter((line) => !/^\s*(\/?\*|\/\/)/.test(line) && service.test(line))
          .map((line) => `${file}: ${line.trim()}`),
      );
    expect(named).toEqual([]);
  });
});

test('tables with a layout of their own are few', () => {
  const marks = [...sources, ...filesBelow('test', '.ts')].flatMap((file) => {
    const found = [...textOf(file).matchAll(/\/\/ prettier-ignore/g)];
    return file === import.meta.filename ? [] : found.map(() => relative(root, file));
  });
  expect(marks.length, marks.join('\n')).toBeLessThanOrEqual(12);
});

describe('documents', () => {
  const readers = [
    ...sources,
    ...['docs', 'bench', 'lab', 'packages'].flatMap((folder) => filesBelow(folder, '.md')),
    ...['README.md', 'CONTRIBUTING.md'].map((name) => join(root, name)),
  ];
  const decisions = readdirSync(join(root, 'docs/decisions')).map((name) => name.slice(0, 4));

  test('each that is named exists', () => {
    const missing = readers.flatMap((file) =>
      [...textOf(file).matchAll(/(?<![\w/-])docs\/[\w/-]*\w(?:\.md)?/g)]
        .map(([name]) => name)
        .filter(
          (name) =>
            !existsSync(join(root, name)) && !decisions.includes(/^docs\/decisions\/(\d{4})$/.exec(name)?.[1] ?? ''),
        )
        .map((name) => `${relative(root, file)}: ${name}`),
    );
    expect(missing).toEqual([]);
  });

  test('so does each decision, and each file that a document links to', () => {
    const numbered = readers.flatMap((file) =>
      [...textOf(file).matchAll(/\bdecisions?[ /](\d{4})\b/gi)]
        .filter(([, number = '']) => !decisions.includes(number))
        .map(([words]) => `${relative(root, file)}: ${words}`),
    );
    const linked = readers
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [...textOf(file).matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)]
          .filter(([, target = '']) => !existsSync(join(file, '..', target)))
          .map(([, target]) => `${relative(root, file)}: ${target}`),
      );
    expect([...numbered, ...linked]).toEqual([]);
  });

  test('and each source file that a document names by its path', () => {
    const missing = readers
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [...textOf(file).matchAll(/`([\w.-]+(?:\/[\w.-]+)+\.ts)`/g)]
          .map(([, name = '']) => name)
          .filter(
            (name) => ![root, join(root, 'src'), join(file, '..')].some((folder) => existsSync(join(folder, name))),
          )
          .map((name) => `${relative(root, file)}: ${name}`),
      );
    expect(missing).toEqual([]);
  });
});
