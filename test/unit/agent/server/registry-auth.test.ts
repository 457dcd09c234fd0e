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
