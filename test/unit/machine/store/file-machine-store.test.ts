import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileMachineStore } from '../../../../src/machine/store/file-machine-store.js';
import { Workshop } from '../../../fakes/workshop.js';

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop[Symbol.asyncDispose]());

test('list() is empty for a store that does not exist yet', async () => {
  expect(await shop.store.list()).toEqual([]);
});

test('list() sorts by number, and ignores what is no machine', async () => {
  for (const name of ['web10', 'web2', 'Alpha'])
    await mkdir(join(shop.storage, 'machines', name), { recursive: true });
  await writeFile(join(shop.storage, 'machines/file'), '');
  await mkdir(join(shop.storage, 'machines/.tmp'));

  expect(await shop.store.list()).toEqual(['Alpha', 'web2', 'web10']);
});

test('load() says that there is no such machine in the words of docker-machine', async () => {
  await expect(shop.store.load('web')).rejects.toThrow('Docker machine "web" does not exist');
  await expect(shop.store.load('../../certs')).rejects.toMatchObject({ code: 'MACHINE_NOT_FOUND' });
});

test.each(['', '{', '[]', '{"schemaVersion":1,"name":"web"}', '{"schemaVersion":1,"name":"other"}'])(
  'load() refuses the damaged record %j, which breaks only its machine',
  async (content) => {
    await shop.create('good');
    await shop.create('web');
    await damage('web', content);

    await expect(shop.store.load('web')).rejects.toMatchObject({ code: 'MACHINE_RECORD_DAMAGED' });
    const rows = await shop.machines.list({ timeoutMs: 5000, environment: {} }, shop.context);
    expect(rows.map(({ name, state }) => [name, state])).toEqual([
      ['good', 'Running'],
      ['web', 'Error'],
    ]);
    await shop.machines.remove('web', { force: true }, shop.context);
    expect(await shop.store.list()).toEqual(['good']);
  },
);

test('load() takes the copy of a damaged record, and the next save() mends it', async () => {
  const machine = await shop.create('web');
  const path = join(shop.storage, 'machines/web/config.json');
  await writeFile(path, '{"schemaVersion":1,');

  expect(await shop.store.load('web')).toEqual(machine);
  await shop.store.save(machine);
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(machine);
});

test('load() refuses a record of a newer version', async () => {
  await shop.create('web');
  const path = join(shop.storage, 'machines/web/config.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('"schemaVersion": 1', '"schemaVersion": 2'));

  await expect(shop.store.load('web')).rejects.toMatchObject({ code: 'STORE_VERSION_TOO_NEW' });
});

async function damage(name: string, content: string): Promise<void> {
  for (const file of ['config.json', 'config.json.bak']) {
    await writeFile(join(shop.storage, 'machines', name, file), content);
  }
}

test('save() writes no path of the store into the record, so that the store can be moved', async () => {
  await shop.create('web');

  const text = await readFile(join(shop.storage, 'machines/web/config.json'), 'utf8');

  expect(text).not.toContain(shop.storage);
  expect((await stat(join(shop.storage, 'machines'))).mode & 0o777).toBe(0o700);
});

test('lock() has one holder at a time', async () => {
  const order: string[] = [];
  const work = async (label: string) => {
    await using _lock = await shop.store.lock('web');
    order.push(`${label} in`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push(`${label} out`);
  };

  await Promise.all([work('a'), work('b')]);

  const [first, second] = order[0] === 'a in' ? ['a', 'b'] : ['b', 'a'];
  expect(order).toEqual([`${first} in`, `${first} out`, `${second} in`, `${second} out`]);
});

test('lock() names the process that holds the machine', async () => {
  const impatient = new FileMachineStore(shop.storage, { lockTimeoutMs: 60 });
  await using _lock = await shop.store.lock('web');

  expect(await impatient.lockHolder('web')).toBe(process.pid);
  await expect(impatient.lock('web')).rejects.toMatchObject({
    code: 'MACHINE_BUSY',
    message: `machine "web" is in use by process ${process.pid}`,
  });
  expect(await impatient.lockHolder('db')).toBeUndefined();
});
