import type { LibvirtInstance } from '../../../../src/drivers/libvirt/instance.js';
import type { Connection } from '../../../../src/drivers/libvirt/native/libvirt.js';
import { openConnection } from '../../../../src/drivers/libvirt/native/open-connection.js';
import { UriDriver } from '../../../../src/drivers/libvirt/uri-driver.js';
import { silentReporter } from '../../../../src/shared/reporter.js';
import { libvirtOptions } from './support/options.js';

// libvirt's own mock of a hypervisor: no daemon, and a domain "test" on network "default". It takes no uploads, so
// that nothing can be created.
const uri = 'test:///default';
const driver = new UriDriver(openConnection);
const context = { signal: new AbortController().signal, reporter: silentReporter };
const made: LibvirtInstance = {
  uri,
  domain: 'test',
  ownerTag: 'tsmachine-mock-test',
  uuid: '',
  pool: 'default-pool',
  volumes: [],
  network: { kind: 'user', mac: '', forwards: [] },
  sshUser: 'root',
  sshPort: 22,
  emulated: false,
  memoryMiB: 8192,
  cpus: 2,
  tags: {},
};
/** Keeps the mock's state between the driver's connections. */
let held: Connection;
beforeEach(async () => {
  held = await openConnection(uri);
});
afterEach(() => held.close());

const state = async (instance = made) => (await driver.inspect(instance, context)).state;

test('a domain is suspended, resumed, stopped, started and killed, twice each', async () => {
  const steps = [
    ['suspend', 'paused'],
    ['resume', 'running'],
    ['stop', 'stopped'],
    ['start', 'running'],
    ['kill', 'stopped'],
  ] as const;
  for (const [verb, wanted] of steps) {
    await driver[verb](made, context);
    await driver[verb](made, context);
    expect(await state()).toBe(wanted);
  }
  await expect(driver.suspend(made, context)).rejects.toMatchObject({ code: 'DOMAIN_NOT_RUNNING' });
});

test('snapshots are made, restored and removed', async () => {
  const { snapshots } = driver;
  await snapshots.create(made, 'one', context);
  await driver.kill(made, context);
  await snapshots.revert(made, 'one', context);

  expect(await state()).toBe('running');
  expect(await snapshots.list(made, context)).toMatchObject([{ name: 'one', current: true }]);
  await snapshots.remove(made, 'one', context);
  expect(await snapshots.list(made, context)).toEqual([]);
});

test('change keeps what others wrote into the description', async () => {
  const { instance } = await driver.change(made, { memoryMiB: 1024, tags: { a: 'b' } }, context);

  const xml = await (await held.findDomain({ name: 'test' }))?.xml({ inactive: true });
  expect(instance.memoryMiB).toBe(1024);
  expect(xml).toMatch(/1048576<\/memory>/);
  expect(xml).toContain('tsmachine-mock-test');
});

test('what is removed is gone, and removing it again succeeds', async () => {
  await driver.remove(made, context);
  await driver.remove(made, context);

  expect(await driver.inspect(made, context)).toEqual({
    state: 'error',
    problem: 'domain "test" is gone from "test:///default"',
  });
  await expect(driver.start(made, context)).rejects.toMatchObject({ code: 'DOMAIN_NOT_FOUND' });
});

test('a hypervisor that cannot make machines is refused before anything is made', async () => {
  const options = libvirtOptions({ uri, image: undefined, network: 'default' });
  await expect(driver.preCreateCheck(options, context)).rejects.toMatchObject({
    code: expect.stringMatching(/HYPERVISOR_UNFIT|LIBVIRT_/),
  });
});
