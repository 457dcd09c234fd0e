import Create from '../../../src/commands/create.js';
import { TsmachineError } from '../../../src/shared/errors.js';
import { runCommand } from '../../fakes/run-command.js';
import { Workshop } from '../../fakes/workshop.js';

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop[Symbol.asyncDispose]());

const create = (...argv: string[]) => runCommand(shop, Create, ['-d', 'fake', ...argv]);

test('create makes several machines, each with lines of its own', async () => {
  const outcome = await create('web', 'db');

  expect(outcome).toMatchObject({ code: 0, stderr: expect.stringContaining('(db) Creating machine "db"') });
  expect(outcome.stdout.split('\n').sort()).toEqual(['', 'machine "db" is ready', 'machine "web" is ready']);
  expect(await shop.store.list()).toEqual(['db', 'web']);
});

test('create --count fills the number into the name', async () => {
  expect((await create('--count', '3', 'web-{n}')).code).toBe(0);

  expect(await shop.store.list()).toEqual(['web-1', 'web-2', 'web-3']);
});

test.each([['web'], ['web-{n}', 'db-{n}']])('create --count refuses %j', async (...names) => {
  expect((await create('--count', '2', ...names)).code).toBe(2);
  expect(await shop.store.list()).toEqual([]);
});

test('create works on no more machines at a time than --parallel says', async () => {
  let now = 0;
  let most = 0;
  const second = Promise.withResolvers<void>();
  // The first waits for a second one, and every one a little for one too many.
  shop.provisioner.during = async () => {
    most = Math.max(most, ++now);
    if (now === 2) second.resolve();
    await second.promise;
    await new Promise((resolve) => setTimeout(resolve, 5));
    now -= 1;
  };

  await create('--count', '6', '--parallel', '2', 'm{n}');

  expect(most).toBe(2);
});

test('create ends with 1 when one of several fails, and makes the others', async () => {
  await shop.create('db');

  const outcome = await create('web', 'db', 'cache');

  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('"db" already exists') });
  expect(await shop.store.list()).toEqual(['cache', 'db', 'web']);
});

test('create ends with 3 when all that failed failed in the pre-create check', async () => {
  shop.driver.failures.set('preCreateCheck', () => new TsmachineError('unavailable', 'X', 'no root'));
  expect((await create('web', 'db')).code).toBe(3);

  await shop.driver.failures.delete('preCreateCheck');
  await shop.create('web');
  shop.driver.failures.set('preCreateCheck', () => new TsmachineError('unavailable', 'X', 'no root'));
  expect((await create('web', 'db')).code).toBe(1);
});

test('create --resume takes the options of the record, and refuses others', async () => {
  shop.driver.failures.set('created', () => new Error('gone'));
  await create('web', 'db');
  shop.driver.failures.clear();

  expect((await runCommand(shop, Create, ['--resume', '-d', 'fake', 'web'])).code).toBe(2);
  expect(await runCommand(shop, Create, ['--resume', 'web', 'db'])).toMatchObject({ code: 0 });
  expect((await shop.store.load('db')).phase).toBe('ready');
});
