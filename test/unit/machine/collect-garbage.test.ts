import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { storeId } from '../../../src/machine/store/store-identity.js';
import { Workshop } from '../../fakes/workshop.js';

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop[Symbol.asyncDispose]());

const everywhere = { scopes: [], only: false };

test('findGarbage() finds what carries the tag of this store and belongs to no machine', async () => {
  const { driver } = shop;
  await shop.create('web');
  const mine = `tsmachine-${await storeId(shop.storage)}-gone-0123456789ab`;
  driver.owned.set('left', mine);
  driver.owned.set('old', 'tsmachine-gone-0123456789ab');
  driver.owned.set('theirs', 'tsmachine-ffffffffffff-gone-0123456789ab');

  const { orphans } = await shop.machines.findGarbage(everywhere, shop.context);

  expect(orphans).toMatchObject([{ kind: 'host', id: 'left', ownerTag: mine, driver: 'fake' }]);
});

test('findGarbage() asks at the options of each machine once', async () => {
  for (const name of ['a', 'b']) await shop.create(name);
  await shop.create('c', { driverOptions: { size: 'large' } });
  shop.driver.calls.length = 0;

  await shop.machines.findGarbage(everywhere, shop.context);

  expect(shop.driver.calls).toEqual(['findOwned', 'findOwned']);
});

test('findGarbage() asks nobody for a store that never made anything', async () => {
  const scopes = [{ driver: 'fake', options: {} }];

  expect((await shop.machines.findGarbage({ scopes, only: true }, shop.context)).orphans).toEqual([]);
  expect(shop.driver.calls).toEqual([]);
});

test('findGarbage() goes on when a place cannot be searched, unless it was named', async () => {
  await shop.create('web');
  shop.driver.failures.set('findOwned', () => new Error('no credentials'));
  const scopes = [{ driver: 'fake', options: { size: 'small' } }];

  const { unsearched } = await shop.machines.findGarbage({ scopes, only: false }, shop.context);

  expect(unsearched).toEqual([{ driver: 'fake', reason: 'no credentials' }]);
  await expect(shop.machines.findGarbage({ scopes, only: true }, shop.context)).rejects.toThrow(
    'no credentials',
  );
});

test('findGarbage() is quiet about a place that cannot be searched when no machine is there', async () => {
  await storeId(shop.storage);
  shop.driver.failures.set('findOwned', () => new Error('no credentials'));
  const debug: string[] = [];
  const reporter = { ...shop.context.reporter, debug: (message: string) => void debug.push(message) };

  const scopes = [{ driver: 'fake', options: {} }];
  const search = shop.machines.findGarbage({ scopes, only: false }, { ...shop.context, reporter });

  expect(await search).toMatchObject({ orphans: [], unsearched: [] });
  expect(shop.said).toEqual([]);
  expect(debug).toEqual(['driver fake was not searched where no machine is: no credentials']);
});

test('removeOrphan() removes nothing while a record cannot be read or the thing has a machine', async () => {
  const { ownerTag } = await shop.create('web');
  const orphan = { kind: 'host', id: 'web', ownerTag, driver: 'fake', options: {} };

  await shop.machines.removeOrphan(orphan, shop.context);
  expect(shop.driver.owned.has('web')).toBe(true);

  for (const file of ['config.json', 'config.json.bak']) {
    await writeFile(join(shop.storage, 'machines/web', file), 'x');
  }
  await expect(shop.machines.removeOrphan(orphan, shop.context)).rejects.toMatchObject({
    code: 'OWNER_UNKNOWN',
  });
  expect(shop.driver.owned.has('web')).toBe(true);
});

test('storeId() is one for all who make it at the same time', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, () => storeId(shop.storage)));

  expect(new Set(ids).size).toBe(1);
  expect(ids[0]).toMatch(/^[0-9a-f]{12}$/);
  await writeFile(join(shop.storage, 'store-id'), '');
  await expect(storeId(shop.storage)).rejects.toMatchObject({ code: 'STORE_ID_DAMAGED' });
});
