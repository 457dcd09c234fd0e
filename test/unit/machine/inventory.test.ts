import { createServer, type Server, type Socket } from 'node:net';
import { engineProbe } from '../../../src/machine/engine/engine-client.js';
import { MachineService } from '../../../src/machine/machine-service.js';
import { Workshop } from '../../fakes/workshop.js';
import { shortenCertificate } from '../../support/short-certificates.js';

let shop: Workshop;
const options = { timeoutMs: 60_000, environment: {} };

beforeEach(async () => {
  shop = await Workshop.open();
});
afterEach(() => shop[Symbol.asyncDispose]());

test('listMachines() shows what it learns of each machine', async () => {
  await shop.create('web');
  await shop.create('db');
  await shop.machines.stop('db', shop.context);
  await shop.machines.use('web');

  const rows = await shop.machines.list(options, shop.context);

  expect(rows).toMatchObject([
    { name: 'db', active: false, driver: 'fake', state: 'Stopped', url: '', error: '' },
    { name: 'web', active: true, state: 'Running', url: 'tcp://127.0.0.1:2376', dockerVersion: '1.2.3' },
  ]);
});

test('listMachines() says of a creation that was not finished how to finish it', async () => {
  shop.provisioner.during = async () => {
    throw new Error('packages');
  };
  await shop.create('web').catch(() => {});

  const [row] = await shop.machines.list(options, shop.context);

  expect(row).toMatchObject({ state: 'Running', error: expect.stringContaining('tsmachine provision web') });
});

test('listMachines() reports an agent that refuses beside a running host', async () => {
  await shop.create('web');
  shop.engine.answers = false;

  const [row] = await shop.machines.list(options, shop.context);

  expect(row).toMatchObject({ state: 'Running', error: 'the agent does not answer' });
});

test.each([
  [31, ''],
  [29.5, 'certificates expire in 29 days: run "tsmachine regenerate-certs web"'],
  [1.5, 'certificates expire in 1 day: run "tsmachine regenerate-certs web"'],
  [1 / 24 / 60, 'certificates have expired: run "tsmachine regenerate-certs web"'],
])('listMachines() warns of certificates that live %d days: %j', async (days, error) => {
  await shop.create('web');
  await shortenCertificate(shop.storage, 'web', ['web'], days);

  const [row] = await shop.machines.list(options, shop.context);

  expect(row?.error).toBe(error);
  expect(row?.certificatesExpireAt).toBeGreaterThan(0);
});

test('listMachines() gives every one of many silent machines its turn before the deadline', async () => {
  const asked = new Set<unknown>();
  await shop.create('m');
  const record = await shop.store.load('m');
  const names = Array.from({ length: 600 }, (_, index) => `m${index}`);
  for (const name of names) await shop.store.save({ ...record, name });
  shop.driver.inspect = (instance) => {
    asked.add(instance);
    return new Promise(() => {});
  };
  shop.engine.version = () => new Promise(() => {});
  const began = performance.now();

  const rows = await shop.machines.list({ ...options, timeoutMs: 600 }, shop.context);

  expect(performance.now() - began).toBeLessThan(60_000);
  expect(rows).toHaveLength(601);
  expect(asked.size).toBe(601);
});

test('listMachines() does not wait for the agent of a host that does not run, and says what is wrong with it', async () => {
  await shop.create('web');
  shop.driver.inspect = async () => ({ state: 'error', problem: 'its disk is full' });
  shop.engine.version = () => new Promise(() => {});
  const began = performance.now();

  const [row] = await shop.machines.list(options, shop.context);

  expect(row).toMatchObject({ state: 'Error', error: 'its disk is full' });
  expect(performance.now() - began).toBeLessThan(30_000);
});

describe('with an endpoint that accepts and never answers', () => {
  let server: Server;
  const sockets: Socket[] = [];
  let hanging: MachineService;

  beforeEach(async () => {
    server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const enginePort = typeof address === 'object' && address ? address.port : 0;
    shop.driver.extraInstance = { enginePort };
    for (const name of ['a', 'b', 'c']) await shop.create(name);
    hanging = new MachineService({ ...shop.deps, engine: engineProbe });
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test('listMachines() does not wait for the agent of a host that is off', async () => {
    for (const name of ['a', 'b', 'c']) await shop.machines.stop(name, shop.context);
    const began = performance.now();

    const rows = await hanging.list(options, shop.context);

    expect(rows.map(({ state }) => state)).toEqual(['Stopped', 'Stopped', 'Stopped']);
    expect(performance.now() - began).toBeLessThan(30_000);
  });

  test('listMachines() keeps one deadline for all of them', async () => {
    const began = performance.now();

    const rows = await hanging.list({ ...options, timeoutMs: 300 }, shop.context);

    expect(performance.now() - began).toBeLessThan(30_000);
    expect(rows.map(({ state, error }) => [state, error])).toEqual(
      Array(3).fill(['Running', 'the agent did not answer within 0.3s']),
    );
  });

  test('listMachines() shows the last known state and its age when nothing answers', async () => {
    shop.driver.inspect = () => new Promise(() => {}); // does not even honour the signal

    const rows = await hanging.list({ ...options, timeoutMs: 200 }, shop.context);

    expect(rows[0]).toMatchObject({
      state: 'Running',
      dockerVersion: '1.2.3',
      error: 'no answer within 0.2s',
    });
    expect(rows[0]?.stateAgeMs).toBeGreaterThanOrEqual(0);
  });
});
