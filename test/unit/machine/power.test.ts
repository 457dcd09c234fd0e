import { readKnownState } from '../../../src/machine/known-state.js';
import { knownStatePath } from '../../../src/machine/storage.js';
import { Workshop } from '../../fakes/workshop.js';

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
