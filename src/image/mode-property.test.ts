import { expect, test } from 'vitest';
import { modeOfNew, modeOfPatch } from './mode-property.js';

const admin = { token: 't', userId: 'u', roles: ['admin'], isAdmin: true };
const member = { ...admin, roles: ['member'], isAdmin: false };
const raw = (body: unknown) => Buffer.from(JSON.stringify(body));

test('an administrator says it of a new image, or in a patch of either dialect', () => {
  expect(modeOfNew(admin, raw({ name: 'i', cascade_copy_mode: 'eager' }))).toBe('eager');
  expect(modeOfPatch(admin, raw([{ op: 'add', path: '/cascade_copy_mode', value: 'register' }]))).toBe('register');
  expect(modeOfPatch(admin, raw([{ replace: '/cascade_copy_mode', value: 'lazy' }]))).toBe('lazy');
  expect(modeOfPatch(admin, raw([{ op: 'remove', path: '/cascade_copy_mode' }]))).toBeNull();
});

test('what does not speak of it is anybody’s to write', () => {
  expect(modeOfNew(member, raw({ name: 'cascade_copy_mode' }))).toBeUndefined();
  expect(modeOfPatch(member, raw([{ op: 'add', path: '/name', value: 'cascade_copy_mode' }]))).toBeUndefined();
  expect(modeOfPatch(member, Buffer.from('no JSON'))).toBeUndefined();
});

test('from anybody else it is refused, as Glance refuses a protected property', () => {
  const words = "Attribute 'cascade_copy_mode' is reserved.";
  expect(() => modeOfNew(member, raw({ cascade_copy_mode: 'eager' }))).toThrow(words);
  expect(() => modeOfPatch(member, raw([{ op: 'remove', path: '/cascade_copy_mode' }]))).toThrow(words);
});

test.each(['often', '', null, 5, ['eager']])('%j is no mode', (value) => {
  expect(() => modeOfNew(admin, raw({ cascade_copy_mode: value }))).toThrow(
    "is not one of ['eager', 'lazy', 'register']",
  );
});
