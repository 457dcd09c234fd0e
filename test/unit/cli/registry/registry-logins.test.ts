import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { authConfig, encodeHeader } from '../../../../src/cli/registry/credentials.js';
import { RegistryLogins } from '../../../../src/cli/registry/registry-logins.js';
import { hubServer, registryOfImage, registryServer } from '../../../../src/cli/registry/registry-server.js';
import { silentReporter } from '../../../../src/shared/reporter.js';
import { fileVault } from '../../../fakes/workshop.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

const { signal } = new AbortController();
const context = { signal, reporter: silentReporter };
const alice = { username: 'alice', password: 'p:w' };

async function openLogins(config?: object) {
  const dir = await temporaryDirectory();
  const dockerConfig = join(dir.path, 'docker');
  await mkdir(dockerConfig);
  if (config) await writeFile(join(dockerConfig, 'config.json'), JSON.stringify(config));
  const index = join(dir.path, 'registry-logins.json');
  const environment = { PATH: `${dir.path}:${process.env['PATH']}` };
  const logins = new RegistryLogins({ index, dockerConfig, vault: fileVault(dir.path), environment });
  return { logins, index, directory: dir.path, [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose]() };
}

test('a login is kept among the secrets, and the index says only where', async () => {
  await using opened = await openLogins();
  await opened.logins.set('example.com:5000', alice, context);

  expect(await opened.logins.get('example.com:5000', signal)).toEqual(alice);
  expect(JSON.parse(await readFile(opened.index, 'utf8'))).toEqual({
    'example.com:5000': 'file:registry/example.com:5000',
  });
  expect(await opened.logins.delete('example.com:5000', signal)).toBe(true);
  expect(await opened.logins.get('example.com:5000', signal)).toBeUndefined();
  expect(await opened.logins.delete('example.com:5000', signal)).toBe(false);
});

test("docker's own logins are found: in its file, and identity tokens", async () => {
  const auth = Buffer.from('alice:p:w').toString('base64');
  const auths = { [hubServer]: { auth }, 'https://a.example/v2/': { identitytoken: 't' }, 'b.example': {} };
  await using opened = await openLogins({ auths });

  expect(await opened.logins.get(hubServer, signal)).toEqual(alice);
  expect(await opened.logins.all(signal)).toEqual(
    new Map<string, object>([
      [hubServer, alice],
      ['a.example', { identityToken: 't' }],
    ]),
  );
});

test('a credential helper gives, takes and erases logins through its input and output', async () => {
  await using opened = await openLogins({ credHelpers: { 'a.example': 'test' } });
  const box = join(opened.directory, 'box');
  const program = join(opened.directory, 'docker-credential-test');
  const script = [
    '#!/bin/sh',
    `case $1 in store) cat >${box};; get) [ -e ${box} ] && exec cat ${box}`,
    'echo "credentials not found in native keychain"; exit 1;;',
    `erase) rm ${box};; esac`,
  ];
  await writeFile(program, `${script.join('\n')}\n`);
  await chmod(program, 0o755);

  expect(await opened.logins.get('a.example', signal)).toBeUndefined();
  expect(await opened.logins.set('a.example', alice, context)).toBe('docker-credential-test');
  expect(JSON.parse(await readFile(box, 'utf8'))).toEqual({
    ...{ ServerURL: 'a.example', Username: 'alice', Secret: 'p:w' },
  });
  expect(await opened.logins.get('a.example', signal)).toEqual(alice);
  await opened.logins.set('a.example', { identityToken: 't' }, context);
  expect(await opened.logins.get('a.example', signal)).toEqual({ identityToken: 't' });
  expect(await opened.logins.delete('a.example', signal)).toBe(true);
});

test('a helper that is not there fails a pull, but not a build of something else', async () => {
  await using opened = await openLogins({ credsStore: 'none-such', auths: { 'a.example': {} } });

  await expect(opened.logins.get('a.example', signal)).rejects.toThrow(/docker-credential-none-such/);
  expect(await opened.logins.all(signal)).toEqual(new Map());
});

test("docker's file, when it is damaged, is named without its content", async () => {
  await using opened = await openLogins();
  await writeFile(join(opened.directory, 'docker/config.json'), '{"auths": "secret');

  await expect(opened.logins.get('a.example', signal)).rejects.toThrow(
    /config\.json": it is not a JSON object$/,
  );
});

test.each([
  ['alpine', hubServer],
  ['team/app:1', hubServer],
  ['docker.io/library/alpine', hubServer],
  ['localhost/app', 'localhost'],
  ['registry:5000/team/app', 'registry:5000'],
  ['example.com/app@sha256:0', 'example.com'],
])('image %s is in registry %s', (name, server) => {
  expect(registryOfImage(name)).toBe(server);
});

test.each([
  ['', hubServer],
  ['https://index.docker.io/v1/', hubServer],
  ['https://example.com/v2/', 'example.com'],
])('server %j is %s', (text, server) => {
  expect(registryServer(text)).toBe(server);
});

test('the header says what docker would', () => {
  const decode = (header: string) => JSON.parse(Buffer.from(header, 'base64url').toString());

  expect(decode(encodeHeader(authConfig('a', alice)))).toEqual({ ...alice, serveraddress: 'a' });
  expect(decode(encodeHeader(authConfig('a', { identityToken: 't' })))).toMatchObject({ identitytoken: 't' });
  expect(decode(encodeHeader(authConfig('a', undefined)))).toEqual({});
  // Docker Engine takes a header without its padding for none at all.
  expect([{}, { a: 1 }, { a: 12 }].map((value) => encodeHeader(value).length % 4)).toEqual([0, 0, 0]);
});
