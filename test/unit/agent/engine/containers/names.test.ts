import { generateName, isContainerName } from '../../../../../src/agent/engine/containers/names.js';

test('generateName() joins an adjective and a surname', () => {
  expect(generateName(() => false)).toMatch(/^[a-z]+_[a-z]+$/);
});

test('generateName() adds digits when names are taken', () => {
  expect(generateName((name) => /^[a-z]+_[a-z]+$/.test(name))).toMatch(/^[a-z]+_[a-z]+\d+$/);
});

test.each(['web', '/web', 'a.b-c_d', '0a'])('isContainerName() accepts %s', (name) => {
  expect(isContainerName(name)).toBe(true);
});

test.each(['', 'a', '_a', 'a b', 'a/b', '//ab', 'é1'])('isContainerName() refuses "%s"', (name) => {
  expect(isContainerName(name)).toBe(false);
});
