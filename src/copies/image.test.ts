/** What a site says when it refuses is told in its words alone. */
import { expect, test } from 'vitest';
import { wordsOf } from './image.js';

const said = (type: string, text: string) =>
  wordsOf({ status: 413, headers: { 'content-type': type }, body: Buffer.from(text) });

test('of a page of webob its text is told', () => {
  const page =
    '<html><head><title>413 Too Large</title></head><body><h1>413 Too Large</h1>\nThe disk is full.<br /><br />\n</body>';
  expect(said('text/html; charset=UTF-8', page)).toBe('413 Too Large The disk is full.');
});

test("webob's JSON has the page's tags in its message", () => {
  const message = 'The disk is full.<br /><br />\n\n\n';
  expect(said('application/json', JSON.stringify({ message, code: '413', title: 'Too Large' }))).toBe(
    'The disk is full.',
  );
});

test('what is no message is not told', () => {
  expect(said('application/json', '{"error": 7}')).toBe('');
  expect(said('text/plain', '')).toBe('');
});
