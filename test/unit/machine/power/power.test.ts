import { readFile } from 'node:fs/promises';
import { readKnownState } from '../../../../src/machine/store/known-state.js';
import { knownStatePath } from '../../../../src/machine/store/storage.js';
import { version } from '../../../../src/shared/version.js';
import { Workshop } from '../../../fakes/workshop.js';
import { agedDays, shortenCertificate } from '../../../support/short-certificates.js';

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.create('web');
  shop.driver.calls.length = 0;
  shop.provisioner.targets.length = 0;
});
afterEach(() => shop[Symbol.asyncDispose]());

test('stop and start change the state once, and say when there is nothing to do', async () => {
  expect(await shop.machines.stop('web', shop.context)).toEqual({ changed: true });
  expect(await shop.machines.stop('web', shop.context)).toEqual({ changed: false });
  expect(await shop.machines.kill('web', shop.context)).toEqual({ changed: false });
  expect(await shop.machines.start('web', shop.context)).toEqual({ changed: true });
  expect(await shop.machines.start('web', shop.context)).toEqual({ changed: false });

  expect(shop.driver.calls).toEqual(['stop', 'start']);
});

test('stop remembers that the machine is off, so that url needs no network to say so', async () => {
  await shop.machines.stop('web', shop.context);

  expect(readKnownState(knownStatePath(shop.storage, 'web'))?.state).toBe('stopped');
  await expect(shop.machines.engine('web')).rejects.toThrow('Host is not running');
});

test('start leaves a host alone whose agent starts by itself', async () => {
  await shop.machines.stop('web', shop.context);

  await shop.machines.start('web', shop.context);

  expect(shop.provisioner.targets).toHaveLength(0);
  expect(shop.ssh.open).toBe(0);
});

test('start provisions over the same connection when the agent does not come back', async () => {
  await shop.machines.stop('web', shop.context);
  shop.engine.answers = false;
  shop.provisioner.during = async () => {
    shop.engine.answers = true;
  };
  const before = shop.ssh.connections.length;

  await shop.machines.start('web', shop.context);

  expect(shop.provisioner.targets).toHaveLength(1);
  expect(shop.ssh.connections.length - before).toBe(1);
});

test('start gives the host a certificate for its new address', async () => {
  await shop.machines.stop('web', shop.context);
  shop.driver.address = '127.0.0.9';

  await shop.machines.start('web', shop.context);

  expect((await shop.store.load('web')).address).toBe('127.0.0.9');
  expect(shop.provisioner.targets).toHaveLength(1);
});

test('start renews certificates of which two thirds are over, also on a machine that is up', async () => {
  await shortenCertificate(shop.storage, 'web', ['web'], agedDays);

  expect(await shop.machines.start('web', shop.context)).toEqual({ changed: false });
  expect(shop.provisioner.targets).toHaveLength(1);
  await shop.machines.stop('web', shop.context);
  await shortenCertificate(shop.storage, 'web', ['web'], agedDays);
  await shop.machines.start('web', shop.context);
  await shop.machines.restart('web', shop.context);

  expect(shop.provisioner.targets).toHaveLength(2);
  const expiry = await shop.deps.certificates.expiry(shop.store.directory('web'));
  expect(expiry?.isDue).toBe(false);
});

test('regenerate-certs gives a host a new certificate though its own is good', async () => {
  const path = `${shop.store.directory('web')}/server.pem`;
  const before = await readFile(path, 'utf8');

  await shop.machines.regenerateCertificates('web', shop.context);

  expect(await readFile(path, 'utf8')).not.toBe(before);
  expect(shop.provisioner.targets[0]?.tls.serverCertificate).not.toBe(before);
});

test('renewClientCertificate() gives the new pair to every machine', async () => {
  await shop.create('db');

  await shop.machines.renewClientCertificate(shop.context);

  const { client } = await shop.deps.certificates.ensure();
  for (const name of ['web', 'db']) {
    expect(await readFile(`${shop.store.directory(name)}/cert.pem`, 'utf8')).toBe(client.certificate);
  }
});

test('upgrade starts a stopped machine and tells the versions', async () => {
  await shop.machines.stop('web', shop.context);
  const record = await shop.store.load('web');
  const provisioned = { at: '', agentVersion: '0.0.1', operatingSystem: '', architecture: '' };
  await shop.store.save({ ...record, provisioned });

  const outcome = await shop.machines.upgrade('web', shop.context);

  expect(outcome).toMatchObject({ from: '0.0.1', to: version });
  expect((await shop.store.load('web')).provisioned?.agentVersion).toBe(version);
  expect(shop.driver.hosts.get('web')).toBe('running');
});

test('restart stops and starts, and starts what is stopped', async () => {
  await shop.machines.restart('web', shop.context);
  expect(shop.driver.calls).toEqual(['stop', 'start']);

  await shop.machines.stop('web', shop.context);
  await shop.machines.restart('web', shop.context);

  expect(shop.driver.calls).toEqual(['stop', 'start', 'stop', 'start']);
});

test('provision of a stopped machine says to start it', async () => {
  await shop.machines.stop('web', shop.context);

  await expect(shop.machines.provision('web', shop.context)).rejects.toMatchObject({
    code: 'MACHINE_NOT_RUNNING',
    hints: ['run "tsmachine start web"'],
  });
});
