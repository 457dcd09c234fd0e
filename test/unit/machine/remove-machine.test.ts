import { existsSync } from 'node:fs';
import { chosenMachine } from '../../../src/machine/store/access.js';
import { Workshop } from '../../fakes/workshop.js';

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.create('web');
});
afterEach(() => shop[Symbol.asyncDispose]());

const gently = { force: false };

test('removeMachine() removes host, record and the choice of "use"', async () => {
  await shop.machines.use('web');

  await shop.machines.remove('web', gently, shop.context);

  expect(shop.driver.hosts.size).toBe(0);
  expect(existsSync(shop.store.directory('web'))).toBe(false);
  expect(chosenMachine(shop.storage)).toBeUndefined();
});

test('removeMachine() keeps the record when the provider fails, and goes on with force', async () => {
  shop.driver.failures.set('remove', () => new Error('provider is down'));

  await expect(shop.machines.remove('web', gently, shop.context)).rejects.toMatchObject({
    hints: [expect.stringContaining('--force')],
  });
  expect(await shop.store.list()).toEqual(['web']);

  await shop.machines.remove('web', { force: true }, shop.context);
  expect(await shop.store.list()).toEqual([]);
  expect(shop.said).toContain('going on without the provider: provider is down');
});

test('removeMachine() of what is not there fails, and with force does not', async () => {
  await expect(shop.machines.remove('nope', gently, shop.context)).rejects.toMatchObject({
    code: 'MACHINE_NOT_FOUND',
  });
  await shop.machines.remove('nope', { force: true }, shop.context);
});
