import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type EndpointOverrides, resolveSshEndpoint } from '../../../src/ssh/ssh-config.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tsmachine-home-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const resolve = (host: string, overrides: EndpointOverrides = {}) =>
  resolveSshEndpoint(host, overrides, { home, file: join(home, '.ssh/config') });

async function file(path: string, ...lines: string[]): Promise<void> {
  await mkdir(dirname(join(home, '.ssh', path)), { recursive: true });
  await writeFile(join(home, '.ssh', path), `${lines.join('\n')}\n`);
}

test('resolveSshEndpoint() is root on port 22 without a configuration', async () => {
  expect(await resolve('web')).toEqual({ host: 'web', port: 22, user: 'root', identityFiles: [] });
});

test('resolveSshEndpoint() takes HostName, Port, User and every IdentityFile of a matching host', async () => {
  await file(
    'config',
    'Host web db',
    '  hostname %h.example',
    '  Port=2222',
    '  User "admin"',
    '  IdentityFile ~/.ssh/web',
    'Host other',
    '  Port 1',
    'Host *',
    '  IdentityFile %d/keys/%r@%h',
    '  Port 3333',
  );

  expect(await resolve('web')).toEqual({
    host: 'web.example',
    port: 2222,
    user: 'admin',
    identityFiles: [`${home}/.ssh/web`, `${home}/keys/admin@web.example`],
  });
});

test('resolveSshEndpoint() prefers what was said explicitly', async () => {
  await file('config', 'Host web', '  Port 2222', '  User admin', '  IdentityFile ~/.ssh/web');

  expect(await resolve('web', { user: 'me', port: 22, identityFiles: ['/key'] })).toEqual({
    host: 'web',
    port: 22,
    user: 'me',
    identityFiles: ['/key'],
  });
});

test('resolveSshEndpoint() honours negated patterns', async () => {
  await file('config', 'Host * !web', '  Port 2222');

  expect((await resolve('web')).port).toBe(22);
  expect((await resolve('db')).port).toBe(2222);
});

describe('Include', () => {
  test('is followed by wildcards in the order of names, relative to ~/.ssh', async () => {
    await file('config', 'Include config.d/*.conf', 'Host web', '  User late', '  Port 4');
    await file('config.d/b.conf', 'Host web', '  User second');
    await file('config.d/a.conf', 'Host web', '  User first');
    await file('config.d/a.txt', 'Host web', '  User never');

    expect(await resolve('web')).toMatchObject({ user: 'first', port: 4 });
  });

  test('does not swallow the lines after it', async () => {
    await file('config', 'Include more', 'Port 2222', 'Host web', '  Include more', '  User admin');
    await file('more', 'Host other', '  User nobody');

    expect(await resolve('web')).toMatchObject({ user: 'admin', port: 2222 });
  });

  test('of a host that does not match is not followed', async () => {
    await file('config', 'Host db', '  Include more');
    await file('more', 'Host *', '  User nobody');

    expect((await resolve('web')).user).toBe('root');
  });

  test('of a missing file is nothing', async () => {
    await file('config', 'Include gone', 'User me');

    expect((await resolve('web')).user).toBe('me');
  });

  test('of itself is refused with SSH_CONFIG_INVALID', async () => {
    await file('config', 'Include config');

    await expect(resolve('web')).rejects.toMatchObject({ code: 'SSH_CONFIG_INVALID' });
  });
});

describe('ProxyJump', () => {
  test('gives the hops in order, each with its own configuration', async () => {
    await file(
      'config',
      'Host web',
      '  ProxyJump gate,me@inner:2200',
      'Host gate',
      '  HostName gate.example',
      '  User door',
    );

    expect((await resolve('web')).jumpHosts).toEqual([
      { host: 'gate.example', port: 22, user: 'door', identityFiles: [] },
      { host: 'inner', port: 2200, user: 'me', identityFiles: [] },
    ]);
  });

  test('of a jump host comes before it', async () => {
    await file('config', 'Host web', '  ProxyJump inner', 'Host inner', '  ProxyJump outer');

    expect((await resolve('web')).jumpHosts?.map(({ host }) => host)).toEqual(['outer', 'inner']);
  });

  test('none means none', async () => {
    await file('config', 'Host web', '  ProxyJump none', 'Host *', '  ProxyJump gate');

    expect((await resolve('web')).jumpHosts).toBeUndefined();
  });

  test('in a circle is refused with SSH_CONFIG_INVALID', async () => {
    await file('config', 'Host *', '  ProxyJump gate');

    await expect(resolve('web')).rejects.toMatchObject({
      code: 'SSH_CONFIG_INVALID',
      message: expect.stringContaining('circle'),
    });
  });
});
