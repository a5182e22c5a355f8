import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BadStateFile, StateFile } from './state-file.js';

const title = { format: 1, cloud: 'z1' };
let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'state-file-'));
  path = join(directory, 'state.jsonl');
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Opens, does something, and closes. @returns the lines that were there */
async function opened(
  work: (file: StateFile) => Promise<void> = async () => undefined,
): Promise<unknown[] | undefined> {
  const { file, lines } = await StateFile.open(path, title);
  await work(file);
  await file.close();
  return lines;
}

async function withLines(...lines: string[]): Promise<void> {
  await opened(async (file) => {
    for (const line of lines) await file.append(line);
  });
}

test('a new file has no lines; those that are added are there when it is opened again, for its owner alone', async () => {
  expect(await opened((file) => file.append('["a"]'))).toBeUndefined();
  expect(await opened((file) => file.append('["ö"]'))).toEqual([['a']]);
  expect(await opened()).toEqual([['a'], ['ö']]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('whoever is killed while a line is written leaves the lines before it, and the next line is whole', async () => {
  await withLines('["first"]', '["second"]');
  const whole = readFileSync(path);
  const end = whole.length - '["second"]\n'.length;
  for (let length = end; length < whole.length; length += 1) {
    writeFileSync(path, whole.subarray(0, length));
    expect(await opened((file) => file.append('["next"]')), `${length} bytes`).toEqual([['first']]);
    expect(await opened(), `${length} bytes`).toEqual([['first'], ['next']]);
  }
});

test('blocks that a loss of power has left empty at its end are taken away', async () => {
  await withLines('["first"]');
  appendFileSync(path, Buffer.concat([Buffer.alloc(4096), Buffer.from('\n')]));
  expect(await opened((file) => file.append('["next"]'))).toEqual([['first']]);
  expect(await opened()).toEqual([['first'], ['next']]);
});

test.each([
  [
    'a line in its middle cannot be read',
    '{"format":1,"cloud":"z1"}\n["a"\n["b"]\n',
    /state\.jsonl:2: this line cannot be read/,
  ],
  ['it is about another cloud', '{"format":1,"cloud":"z2"}\n', /of another cloud: its cloud is z2, not z1/],
  ['it is of another format', '{"format":2,"cloud":"z1"}\n', /its format is 2, not 1/],
  ['it is something else', '[]\n', /its format is not said/],
])('it is left alone and refused where %s', async (_why, text, words) => {
  writeFileSync(path, text);
  await expect(opened()).rejects.toThrow(BadStateFile);
  await expect(opened()).rejects.toThrow(words);
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('a long one is written anew, and goes on', async () => {
  await opened(async (file) => {
    const line = JSON.stringify(['x'.repeat(100_000)]);
    for (let turn = 0; turn < 11; turn += 1) await file.append(line);
    expect(file.isLong).toBe(true);
    await file.rewrite(['["all"]']);
    expect(file.isLong).toBe(false);
    await file.append('["more"]');
  });
  expect(statSync(path).size).toBeLessThan(100);
  expect(await opened()).toEqual([['all'], ['more']]);
});
