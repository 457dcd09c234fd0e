import Gc from '../../../src/commands/gc.js';
import { storeId } from '../../../src/machine/store/store-identity.js';
import { runCommand } from '../../fakes/run-command.js';
import { Workshop } from '../../fakes/workshop.js';

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
  await shop.create('web');
  const prefix = `tsmachine-${await storeId(shop.storage)}-`;
  for (const id of ['one', 'two']) shop.driver.owned.set(id, `${prefix}${id}-0123456789ab`);
});
afterEach(() => shop[Symbol.asyncDispose]());

test('gc --dry-run shows what is left over and removes nothing', async () => {
  const outcome = await runCommand(shop, Gc, ['--dry-run']);

  expect(outcome).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^KIND +ID +DRIVER +TAG\nhost +one +fake/),
  });
  expect([...shop.driver.owned.keys()]).toEqual(['web', 'one', 'two']);
});

test('gc refuses where nobody can be asked', async () => {
  expect(await runCommand(shop, Gc, [])).toMatchObject({ code: 1, stderr: expect.stringContaining('--yes') });
  expect(shop.driver.owned.size).toBe(3);
});

test('gc -y removes it, and the machine stays', async () => {
  const outcome = await runCommand(shop, Gc, ['-y', '--json', '-d', 'fake']);

  expect(JSON.parse(outcome.stdout)).toMatchObject([
    { id: 'one', removed: true },
    { id: 'two', removed: true },
  ]);
  expect([...shop.driver.owned.keys()]).toEqual(['web']);
  expect((await runCommand(shop, Gc, ['-y'])).stderr).toContain('nothing is left over');
});

test('gc names what could not be removed and still removes the rest', async () => {
  let first = true;
  shop.driver.failures.set('removeOwned', () => {
    if (!first) shop.driver.failures.clear();
    first = false;
    return new Error('in use');
  });
  shop.driver.owned.set('three', [...shop.driver.owned.values()][1] ?? '');

  const outcome = await runCommand(shop, Gc, ['-y']);

  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('host "one": in use') });
  expect([...shop.driver.owned.keys()]).toEqual(['web', 'one', 'two']);
});
