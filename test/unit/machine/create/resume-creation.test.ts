import { TsmachineError } from '../../../../src/shared/errors.js';
import { Workshop } from '../../../fakes/workshop.js';

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop[Symbol.asyncDispose]());

const tag = /^tsmachine-[0-9a-f]{12}-web-[0-9a-f]{12}$/;

/** As after SIGKILL between the provider's call and the first checkpoint. */
async function killedBeforeCheckpoint(): Promise<string> {
  const { ownerTag, ...record } = await shop.create('web');
  const { instance: _, ...driver } = record.driver;
  await shop.store.save({ ...record, ownerTag, phase: 'creating', driver });
  shop.driver.calls.length = 0;
  return ownerTag;
}

test('resumeCreation() removes by owner tag what the record does not know, and makes it again', async () => {
  const ownerTag = await killedBeforeCheckpoint();

  const machine = await shop.machines.resumeCreation('web', shop.context);

  expect(shop.driver.calls).toEqual(['findOwned', 'removeOwned', 'create', 'created']);
  expect(machine).toMatchObject({ phase: 'ready', driver: { options: { size: 'small' } } });
  expect(machine.ownerTag).toMatch(tag);
  expect(machine.ownerTag).not.toBe(ownerTag);
  expect([...shop.driver.owned.values()]).toEqual([machine.ownerTag]);
});

test('removeMachine() also finds by owner tag what the record does not know', async () => {
  await killedBeforeCheckpoint();

  await shop.machines.remove('web', { force: false }, shop.context);

  expect(shop.driver.owned.size).toBe(0);
  expect(await shop.store.list()).toEqual([]);
});

test('resumeCreation() removes a host that was only begun and makes it again', async () => {
  shop.driver.failures.set('created', () => new TsmachineError('unavailable', 'TEST', 'gone'));
  await expect(shop.create('web')).rejects.toThrow('gone');
  shop.driver.failures.clear();
  shop.driver.calls.length = 0;

  expect((await shop.machines.resumeCreation('web', shop.context)).phase).toBe('ready');
  expect(shop.driver.calls).toEqual(['remove', 'findOwned', 'create', 'created']);
});

test('resumeCreation() keeps a host that was made, and starts it where it is off', async () => {
  shop.provisioner.during = async () => {
    throw new Error('packages');
  };
  await expect(shop.create('web')).rejects.toThrow('packages');
  shop.provisioner.during = async () => {};
  shop.driver.hosts.set('web', 'stopped');
  shop.driver.calls.length = 0;

  expect((await shop.machines.resumeCreation('web', shop.context)).phase).toBe('ready');
  expect(shop.driver.calls).toEqual(['start']);
});

test('resumeCreation() leaves a ready machine alone and refuses one that is not there', async () => {
  const machine = await shop.create('web');
  shop.driver.calls.length = 0;

  expect(await shop.machines.resumeCreation('web', shop.context)).toEqual(machine);
  expect(shop.driver.calls).toEqual([]);
  await expect(shop.machines.resumeCreation('nope', shop.context)).rejects.toMatchObject({
    code: 'MACHINE_NOT_FOUND',
  });
});

test('listMachines() tells a creation that is under way from one that was killed', async () => {
  await killedBeforeCheckpoint();
  const error = async () =>
    (await shop.machines.list({ timeoutMs: 5000, environment: {} }, shop.context))[0]?.error;

  expect(await error()).toContain('tsmachine create --resume web');
  await using _lock = await shop.store.lock('web');
  expect(await error()).toBe(`being worked on by process ${process.pid}`);
});
