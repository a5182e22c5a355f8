import { expect, test } from 'vitest';
import { Absences } from './rediscover.js';

const whole = {
  compute: ['http://nova'],
  network: ['http://neutron'],
  image: ['http://glance'],
  volume: ['http://cinder'],
};
const { volume: _volume, ...volumeless } = whole;
const minutes = 60_000;

test('a service that the catalog lacks is given up after an hour without it, and not before', () => {
  let now = 0;
  const absences = new Absences(() => now);
  expect(absences.keep(whole, volumeless)).toEqual(whole);
  now = 59 * minutes;
  expect(absences.keep(whole, volumeless)).toEqual(whole);
  now = 60 * minutes;
  expect(absences.keep(whole, volumeless)).toEqual(volumeless);
});

test('one that was there in between begins its hour anew', () => {
  let now = 0;
  const absences = new Absences(() => now);
  absences.keep(whole, volumeless);
  now = 50 * minutes;
  absences.keep(whole, whole);
  now = 100 * minutes;
  expect(absences.keep(whole, volumeless)).toEqual(whole);
});

test('what makes a cloud a site is never given up, and what moved is used where it is now', () => {
  let now = 0;
  const absences = new Absences(() => now);
  const moved = { network: ['http://elsewhere'] };
  absences.keep(whole, moved);
  now = 24 * 60 * minutes;
  expect(absences.keep(whole, moved)).toEqual({ ...volumeless, ...moved });
});
