import { expect, test } from 'vitest';
import { wayOfNew, wayOfPatch } from './way-property.js';

const admin = { token: 't', userId: 'u', roles: ['admin'], isAdmin: true };
const member = { ...admin, roles: ['member'], isAdmin: false };
const raw = (body: unknown) => Buffer.from(JSON.stringify(body));

test('an administrator says it of a new image, or in a patch of either dialect', () => {
  expect(wayOfNew(admin, raw({ name: 'i', cascade_image_way: 'eager' }))).toBe('eager');
  expect(wayOfPatch(admin, raw([{ op: 'add', path: '/cascade_image_way', value: 'register' }]))).toBe('register');
  expect(wayOfPatch(admin, raw([{ replace: '/cascade_image_way', value: 'lazy' }]))).toBe('lazy');
  expect(wayOfPatch(admin, raw([{ op: 'remove', path: '/cascade_image_way' }]))).toBeNull();
});

test('what does not speak of it is anybody’s to write', () => {
  expect(wayOfNew(member, raw({ name: 'cascade_image_way' }))).toBeUndefined();
  expect(wayOfPatch(member, raw([{ op: 'add', path: '/name', value: 'cascade_image_way' }]))).toBeUndefined();
  expect(wayOfPatch(member, Buffer.from('no JSON'))).toBeUndefined();
});

test('from anybody else it is refused, as Glance refuses a protected property', () => {
  const words = "Attribute 'cascade_image_way' is reserved.";
  expect(() => wayOfNew(member, raw({ cascade_image_way: 'eager' }))).toThrow(words);
  expect(() => wayOfPatch(member, raw([{ op: 'remove', path: '/cascade_image_way' }]))).toThrow(words);
});

test.each(['often', '', null, 5, ['eager']])('%j is no way', (value) => {
  expect(() => wayOfNew(admin, raw({ cascade_image_way: value }))).toThrow(
    "is not one of ['eager', 'lazy', 'register']",
  );
});
