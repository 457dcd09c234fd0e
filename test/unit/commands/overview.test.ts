import Overview from '../../../src/commands/overview.js';
import Stop from '../../../src/commands/stop.js';
import Use from '../../../src/commands/use.js';
import { runCommand } from '../../fakes/run-command.js';
import { Workshop } from '../../fakes/workshop.js';

let shop: Workshop;
beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop[Symbol.asyncDispose]());

const overview = async (environment: NodeJS.ProcessEnv = {}) =>
  (await runCommand(shop, Overview, [], { environment })).stdout;

test('without a machine, says how to make one', async () => {
  expect(await overview()).toMatch(/^There is no machine yet\.\n(.*\n)* *› tsmachine create NAME /);
});

test('with machines of which none is active, says how to choose', async () => {
  await shop.create('web');
  await shop.create('db');

  expect(await overview()).toMatch(/^No machine is active\. There are db, web\.\n *› tsmachine use NAME /);
});

test('shows the active machine, its state, who made it active, and what to do there', async () => {
  await shop.create('web');
  await shop.create('db');
  await runCommand(shop, Use, ['web']);

  const text = await overview();

  expect(text).toMatch(/^web is the active machine, by use \(fake\): Running at tcp:\S+, engine 1\.2\.3\n/);
  expect(text).toContain('Other machines: db\n');
  expect(text).toMatch(/› tsmachine ps /);
  expect(await overview({ TSMACHINE_NAME: 'db' })).toMatch(/^db is the active machine, by TSMACHINE_NAME/);
});

test('of a stopped machine, says how to start it; of one whose agent is silent, who looks for the reason', async () => {
  await shop.create('web');
  await runCommand(shop, Use, ['web']);
  shop.engine.answers = false;
  expect(await overview()).toMatch(
    /: Running.*\n {2}the agent does not answer\n(.*\n)*.*tsmachine doctor web/,
  );

  shop.engine.answers = true;
  await runCommand(shop, Stop, ['web']);
  expect(await overview()).toMatch(/: Stopped\n *› tsmachine start web /);
});

test('of a machine whose creation was interrupted, says how to finish it', async () => {
  shop.driver.failures.set('created', () => new Error('no power'));
  await expect(shop.create('web')).rejects.toThrow('no power');
  await runCommand(shop, Use, ['web']);

  expect(await overview()).toMatch(
    /: Creating\n(.*\n)* *› tsmachine create --resume web .*\n *› tsmachine rm web /,
  );
});

test('a variable that names no machine is an error that says so', async () => {
  const outcome = await runCommand(shop, Overview, [], { environment: { TSMACHINE_NAME: 'gone' } });

  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('"gone" does not exist') });
});

test('--json is one value', async () => {
  await shop.create('web');

  expect(JSON.parse((await runCommand(shop, Overview, ['--json'])).stdout)).toEqual({ machines: ['web'] });
});
