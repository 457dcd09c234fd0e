import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TsmachineError } from '../../../../src/shared/errors.js';
import { Workshop } from '../../../fakes/workshop.js';

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop[Symbol.asyncDispose]());

test('createMachine() makes a ready machine over one SSH connection, which it closes', async () => {
  const machine = await shop.create('web');

  expect(machine).toMatchObject({
    schemaVersion: 1,
    phase: 'ready',
    address: '127.0.0.1',
    driver: { name: 'fake', options: { size: 'small' }, instance: { id: 'web', ownerTag: machine.ownerTag } },
    provisioned: { operatingSystem: 'Debian', architecture: 'x64' },
  });
  expect(machine.hostKey).toMatch(/^ssh-ed25519 AAAA/);
  expect(shop.ssh.connections).toHaveLength(1);
  expect(shop.ssh.open).toBe(0);
});

test('createMachine() resolves key files of the driver against the directory of the machine', async () => {
  await shop.create('web');

  expect(shop.ssh.connections[0]?.identityFiles).toEqual([join(shop.storage, 'machines/web/id_ed25519')]);
});

test('createMachine() keeps directories at 0700 and files at 0600, and leaves what docker needs', async () => {
  await shop.create('web');
  const directory = join(shop.storage, 'machines/web');

  const files = await readdir(directory);

  expect(files.sort()).toEqual(
    [
      'ca.pem',
      'cert.pem',
      'config.json',
      'config.json.bak',
      'key.pem',
      'server-key.pem',
      'server.pem',
      'state.json',
    ].sort(),
  );
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  for (const file of files) expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600);
});

test('createMachine() gives the server certificate to the host and no client key', async () => {
  await shop.create('web');

  const [target] = shop.provisioner.targets;
  expect(target).toMatchObject({ machineName: 'web', port: 2376 });
  expect(target?.tls.serverKey).toContain('PRIVATE KEY');
  expect(Object.keys(target?.tls ?? {}).sort()).toEqual(['ca', 'serverCertificate', 'serverKey']);
});

test('createMachine() takes the port of the engine from the driver where it names one', async () => {
  shop.driver.extraInstance = { enginePort: 12376 };

  expect((await shop.create('web')).engine.port).toBe(12376);
});

test('createMachine() refuses a name that is taken and leaves the machine alone', async () => {
  const first = await shop.create('web');

  await expect(shop.create('web')).rejects.toMatchObject({
    code: 'MACHINE_EXISTS',
    message: 'Docker machine "web" already exists',
  });
  expect(await shop.store.load('web')).toEqual(first);
});

test.each(['', 'a_b', '-x', '.', '../../up', 'ä', 'x'.repeat(64)])(
  'createMachine() refuses the name "%s" before anything else',
  async (name) => {
    await expect(shop.create(name)).rejects.toMatchObject({ code: 'MACHINE_NAME_INVALID' });
    expect(await readdir(shop.storage)).toEqual([]);
  },
);

test('createMachine() leaves nothing when the pre-create check fails, and says what it said', async () => {
  shop.driver.failures.set('preCreateCheck', () => unavailable('no room'));

  await expect(shop.create('web')).rejects.toMatchObject({
    code: 'PRE_CREATE_CHECK_FAILED',
    message: 'pre-create check failed: no room',
  });
  expect(await shop.store.list()).toEqual([]);
});

test('createMachine() leaves nothing when the driver fails before it has made anything', async () => {
  shop.driver.failures.set('create', () => unavailable('quota'));

  await expect(shop.create('web')).rejects.toMatchObject({ message: 'quota' });
  expect(await shop.store.list()).toEqual([]);
  expect(await readdir(join(shop.storage, 'locks'))).toEqual([]);
});

const laterFailures: readonly (readonly [string, (shop: Workshop) => void])[] = [
  [
    'the driver after its checkpoint',
    ({ driver }) => driver.failures.set('created', () => unavailable('gone')),
  ],
  ['authentication', ({ ssh }) => ssh.refusals.push(...Array.from({ length: 2000 }, () => sshRefused()))],
  [
    'provisioning',
    (shop) => {
      shop.provisioner.during = async () => {
        throw unavailable('packages');
      };
    },
  ],
  [
    'the check of the agent',
    ({ engine }) => {
      engine.answers = false;
    },
  ],
];

test.each(laterFailures)(
  'createMachine() keeps a record that rm can remove when %s fails',
  async (_, fail) => {
    fail(shop);

    await expect(shop.create('web')).rejects.toMatchObject({
      hints: expect.arrayContaining([expect.stringContaining('tsmachine rm web')]),
    });
    expect((await shop.store.load('web')).driver.instance).toMatchObject({ id: 'web' });
    expect(shop.ssh.open).toBe(0);

    await shop.machines.remove('web', { force: false }, shop.context);
    expect(shop.driver.hosts.size).toBe(0);
    expect(await shop.store.list()).toEqual([]);
  },
);

test('provision finishes a creation that failed while provisioning', async () => {
  shop.provisioner.during = async () => {
    throw unavailable('packages');
  };
  await expect(shop.create('web')).rejects.toThrow('packages');
  expect((await shop.store.load('web')).phase).toBe('provisioning');
  await expect(shop.machines.engine('web')).rejects.toMatchObject({ code: 'MACHINE_NOT_READY' });
  shop.provisioner.during = async () => {};

  await shop.machines.provision('web', shop.context);

  expect((await shop.store.load('web')).phase).toBe('ready');
});

test('provision of a host that was never completely made points to create --resume', async () => {
  shop.driver.failures.set('created', () => unavailable('gone'));
  await expect(shop.create('web')).rejects.toMatchObject({
    hints: [expect.stringContaining('tsmachine create --resume web')],
  });

  await expect(shop.machines.provision('web', shop.context)).rejects.toMatchObject({
    code: 'MACHINE_NOT_CREATED',
  });
  await expect(shop.create('web')).rejects.toMatchObject({ code: 'MACHINE_EXISTS' });
  const [row] = await shop.machines.list({ timeoutMs: 5000, environment: {} }, shop.context);
  expect(row).toMatchObject({
    state: 'Creating',
    error: expect.stringContaining('tsmachine create --resume web'),
  });
});

test('createMachine() tells what to do next after Ctrl-C, and keeps what was made', async () => {
  shop.provisioner.during = async () => shop.aborter.abort(new Error('stop'));

  await expect(shop.create('web')).rejects.toMatchObject({
    kind: 'canceled',
    hints: [expect.stringMatching(/tsmachine provision web.*tsmachine rm web/)],
  });
  expect(await shop.store.list()).toEqual(['web']);
});

test('createMachine() keeps nothing after Ctrl-C before the driver has made anything', async () => {
  shop.driver.failures.set('create', () => {
    shop.aborter.abort(new Error('stop'));
    return new Error('stop');
  });

  await expect(shop.create('web')).rejects.toMatchObject({ kind: 'canceled', hints: ['nothing was made'] });
  expect(await shop.store.list()).toEqual([]);
});

test('createMachine() leaves nothing when a host that is not ours refuses the login', async () => {
  shop.driver.controlsPower = false;
  shop.ssh.refusals.push(sshRefused());

  await expect(shop.create('web')).rejects.toMatchObject({ code: 'SSH_AUTHENTICATION_FAILED' });
  expect(shop.ssh.refusals).toHaveLength(0);
  expect(await shop.store.list()).toEqual([]);
});

test('createMachine() waits for a host that is still booting', async () => {
  shop.ssh.refusals.push(sshRefused(), sshRefused(), sshRefused());

  expect((await shop.create('web')).phase).toBe('ready');
});

test('createMachine() refuses a second connection with another host key', async () => {
  const machine = await shop.create('web');
  shop.ssh.hostKey = (await import('../../../fakes/fake-ssh.js')).wireKey('other');

  await expect(shop.machines.provision('web', shop.context)).rejects.toMatchObject({
    code: 'SSH_HOST_KEY_CHANGED',
  });
  expect(await shop.store.load('web')).toEqual(machine);
});

test('createMachine() makes several machines at once with one authority', async () => {
  const names = Array.from({ length: 10 }, (_, index) => `m${index}`);

  await Promise.all(names.map((name) => shop.create(name)));

  expect(await shop.store.list()).toEqual(names);
  expect(new Set(shop.provisioner.targets.map(({ tls }) => tls.ca)).size).toBe(1);
});

function unavailable(message: string): TsmachineError {
  return new TsmachineError('unavailable', 'TEST', message);
}

function sshRefused(): TsmachineError {
  return new TsmachineError('unauthenticated', 'SSH_AUTHENTICATION_FAILED', 'may not log in');
}
