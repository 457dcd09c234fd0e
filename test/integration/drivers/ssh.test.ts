import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { SshDriver, type SshInstance } from '../../../src/drivers/ssh/driver.js';
import type { SshOptions } from '../../../src/drivers/ssh/options.js';
import { silentReporter } from '../../../src/shared/reporter.js';
import { startSshd } from '../../support/sshd.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const driver = new SshDriver();
const context = { signal: new AbortController().signal, reporter: silentReporter };
const instance: SshInstance = {
  host: '127.0.0.1',
  port: 22,
  user: 'root',
  identityFiles: [],
  jumpHosts: [],
  enginePort: 2376,
};

function options(given: Partial<SshOptions>): SshOptions {
  return {
    'ssh-host': '127.0.0.1',
    'ssh-user': 'root',
    'ssh-port': undefined,
    'ssh-key': undefined,
    'ssh-engine-port': 2376,
    'ssh-password-file': undefined,
    'ssh-sudo-password-file': undefined,
    'ssh-save-password': false,
    ...given,
  };
}

test('create() stores the endpoint and a private copy of the key', async () => {
  await using sshd = await startSshd();
  await using store = await temporaryDirectory();
  const given = options({ 'ssh-port': sshd.port, 'ssh-key': sshd.identityFile });
  const checkpoints: SshInstance[] = [];

  await driver.preCreateCheck(given, context);
  const made = await driver.create(given, {
    ...context,
    machineName: 'host',
    directory: store.path,
    ownerTag: 'test',
    checkpoint: async (made) => void checkpoints.push(made),
  });

  const copy = join(store.path, 'id_ssh');
  expect(checkpoints).toEqual([made]);
  expect(made).toMatchObject({ host: '127.0.0.1', user: 'root', port: sshd.port, enginePort: 2376 });
  expect(driver.sshEndpoint(made)).toEqual({
    host: '127.0.0.1',
    port: sshd.port,
    user: 'root',
    identityFiles: ['id_ssh'],
  });
  expect(await readFile(copy, 'utf8')).toBe(await readFile(sshd.identityFile, 'utf8'));
  expect(await readFile(`${copy}.pub`, 'utf8')).toBe(await readFile(`${sshd.identityFile}.pub`, 'utf8'));
  expect((await stat(copy)).mode & 0o777).toBe(0o600);
});

test('inspect() says running while SSH answers, and unknown, never stopped, when it does not', async () => {
  const sshd = await startSshd();
  const made = { ...instance, port: sshd.port };

  expect(await driver.inspect(made, context)).toEqual({ state: 'running', address: '127.0.0.1' });
  await sshd[Symbol.asyncDispose]();
  expect(await driver.inspect(made, context)).toEqual({ state: 'unknown', address: '127.0.0.1' });
});

test('preCreateCheck() refuses a port where nothing listens', async () => {
  const port = await listening((socket) => socket.end());
  await port[Symbol.asyncDispose]();

  await expect(driver.preCreateCheck(options({ 'ssh-port': port.number }), context)).rejects.toMatchObject({
    code: 'SSH_UNREACHABLE',
    message: expect.stringContaining(`127.0.0.1:${port.number}`),
  });
});

test('preCreateCheck() refuses what is no SSH server', async () => {
  await using web = await listening((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));

  await expect(driver.preCreateCheck(options({ 'ssh-port': web.number }), context)).rejects.toMatchObject({
    code: 'SSH_UNREACHABLE',
    message: expect.stringContaining('HTTP/1.1 400'),
  });
});

test('preCreateCheck() gives up on a server that says nothing, and at once when it is cancelled', async () => {
  await using silent = await listening(() => {});
  const given = options({ 'ssh-port': silent.number });

  const began = performance.now();
  await expect(driver.preCreateCheck(given, context)).rejects.toMatchObject({ code: 'SSH_UNREACHABLE' });
  expect(performance.now() - began).toBeLessThan(20_000);

  const signal = AbortSignal.timeout(50);
  await expect(driver.preCreateCheck(given, { ...context, signal })).rejects.toMatchObject({
    name: 'TimeoutError',
  });
});

test('preCreateCheck() reads lines that a server sends before its banner', async () => {
  await using chatty = await listening((socket) => socket.write('welcome\r\nSSH-2.0-test\r\n'));

  await expect(
    driver.preCreateCheck(options({ 'ssh-port': chatty.number }), context),
  ).resolves.toBeUndefined();
});

test('preCreateCheck() refuses keys that are none', async () => {
  await using store = await temporaryDirectory();
  const publicKey = join(store.path, 'id.pub');
  await writeFile(publicKey, 'ssh-ed25519 AAAA me\n');

  await expect(driver.preCreateCheck(options({ 'ssh-key': '/nowhere' }), context)).rejects.toMatchObject({
    message: '--ssh-key "/nowhere" cannot be read: ENOENT',
  });
  await expect(driver.preCreateCheck(options({ 'ssh-key': publicKey }), context)).rejects.toMatchObject({
    message: `--ssh-key "${publicKey}" is not a private key`,
  });
});

test.each([0, 65_536, -1])('preCreateCheck() refuses the port %i', async (port) => {
  await expect(driver.preCreateCheck(options({ 'ssh-port': port }), context)).rejects.toMatchObject({
    code: 'DRIVER_OPTION_INVALID',
  });
});

test.each(['start', 'stop', 'kill'] as const)('%s() says that a host cannot be powered', async (verb) => {
  await expect(driver[verb]({ ...instance, port: 2222 })).rejects.toMatchObject({
    code: 'DRIVER_CANNOT_POWER',
    message: `driver ssh cannot ${verb} a host`,
    hints: [expect.stringMatching(verb === 'start' ? /127\.0\.0\.1/ : /ssh -p 2222 root@127\.0\.0\.1/)],
  });
});

test('remove() leaves the host alone', async () => {
  await expect(driver.remove()).resolves.toBeUndefined();
  expect(driver.controlsPower).toBe(false);
});

async function listening(serve: (socket: Socket) => void): Promise<{ number: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    serve(socket);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return {
    number: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      await closed.promise;
    },
  };
}
