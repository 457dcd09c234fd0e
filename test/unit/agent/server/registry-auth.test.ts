import { readRegistryAuth } from '../../../../src/agent/server/registry-auth.js';

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('readRegistryAuth() reads what docker sends', () => {
  expect(readRegistryAuth(encode({ username: 'ann', password: 'secret' }))).toEqual({
    username: 'ann',
    password: 'secret',
  });
  expect(readRegistryAuth(encode({ identitytoken: 'token' }))).toEqual({ identityToken: 'token' });
});

test('readRegistryAuth() takes empty credentials for none', () => {
  expect(readRegistryAuth(undefined)).toBeUndefined();
  expect(readRegistryAuth(encode({}))).toBeUndefined();
});

test('readRegistryAuth() never repeats a damaged header', () => {
  expect(() => readRegistryAuth('secret-secret')).toThrow(/^invalid X-Registry-Auth header$/);
});

test.each(['base64url', 'base64'] as const)(
  'readRegistryAuth() takes %s, with padding and without',
  (encoding) => {
    for (const password of ['a', 'ab', 'abc', '~~~???>>>']) {
      const header = Buffer.from(JSON.stringify({ username: 'ann', password })).toString(encoding);
      const bare = header.replace(/=+$/, '');
      const padded = bare.padEnd(Math.ceil(bare.length / 4) * 4, '=');
      for (const each of [bare, padded])
        expect(readRegistryAuth(each)).toEqual({ username: 'ann', password });
    }
  },
);

test('readRegistryAuth() takes null for no credentials, and a registry token for one', () => {
  expect(readRegistryAuth(Buffer.from('null').toString('base64url'))).toBeUndefined();
  expect(readRegistryAuth(encode({ registrytoken: 'ready' }))).toEqual({ registryToken: 'ready' });
});
