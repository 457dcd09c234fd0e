import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { driverConformance } from '../../../../src/driver-conformance/index.js';
import type { AnyDriver } from '../../../../src/drivers/driver.js';
import { libvirt } from '../../../../src/drivers/libvirt/index.js';
import type { LibvirtInstance } from '../../../../src/drivers/libvirt/instance.js';
import { openConnection } from '../../../../src/drivers/libvirt/native/open-connection.js';
import type { LibvirtOptions } from '../../../../src/drivers/libvirt/options.js';
import { UriDriver } from '../../../../src/drivers/libvirt/uri-driver.js';
import { silentReporter } from '../../../../src/shared/reporter.js';
import { runOrThrow } from '../../../../src/shared/spawn.js';
import { type Libvirtd, startLibvirtd } from '../../../support/libvirtd.js';
import { blankImage, libvirtOptions } from './support/options.js';

// Machines that run with a blank disk: for the driver they are as good as booted ones, but for SSH and shutting down.
const driver = new UriDriver(openConnection, 300);
const context = { signal: new AbortController().signal, reporter: silentReporter };
let daemon: Libvirtd;
let directory: string;
let image: string;

beforeAll(async () => {
  daemon = await startLibvirtd();
  directory = await mkdtemp(join(tmpdir(), 'tsm-vm-'));
  image = await blankImage(directory);
}, 60_000);
afterAll(async () => {
  await daemon?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

driverConformance(
  { describe, it: test },
  {
    // The registry's element has forgotten the types, as `defineDriver` does.
    definition: { ...libvirt, load: async () => driver as unknown as AnyDriver },
    options: async () => blank(),
    everything: () => namesOf('conformance'),
  },
);

test('machines that are made at once share one copy of their image', async () => {
  await using machines = new Machines();
  const names = ['one', 'two', 'three'];
  const made = await Promise.all(names.map((name) => machines.create(name)));

  const [base, ...others] = new Set(made.map(({ baseVolume }) => baseVolume));
  expect(others).toEqual([]);
  const [first, ...rest] = made;
  if (!first) throw new Error('nothing was made');
  for (const instance of rest) await driver.remove(instance, context);
  expect((await namesOf('image-')).filter((name) => name === `volume ${base}`)).toHaveLength(1);
  expect(await driver.inspect(first, context)).toEqual({ state: 'running', address: '127.0.0.1' });
});

test('change edits the domain, and says what waits for a restart', async () => {
  await using machines = new Machines();
  const made = await machines.create('web');
  const change = { memoryMiB: 160, cpus: 2, tags: { team: 'a & <b>' } };
  const running = await driver.change(made, change, context);
  expect(running.needsRestart).toEqual(['memoryMiB', 'cpus']);
  expect(running.instance).toMatchObject(change);

  expect(await live(made)).toMatch(/<memory[^>]*>131072<[\s\S]*<vcpu[^>]*>1</);
  const stopped = await driver.stop(running.instance, context);
  const started = await driver.start(stopped, context);
  const xml = await live(started);
  expect(xml).toMatch(/<memory[^>]*>163840<[\s\S]*<vcpu[^>]*>2</);
  expect(xml).toContain('a &amp; &lt;b&gt;');

  const again = await driver.change(
    await driver.kill(started, context),
    { memoryMiB: 128, tags: { team: undefined } },
    context,
  );
  expect(again).toMatchObject({ needsRestart: [], instance: { memoryMiB: 128, cpus: 2, tags: {} } });
  expect(await live(made)).not.toContain('team');
});

test('what a machine left behind is found by its tag, each volume of it, and is removed', async () => {
  await using machines = new Machines();
  const made = await machines.create('lost', { 'extra-disk': ['8m'] });
  const tag = made.ownerTag;
  const found = await driver.findOwned(blank(), tag, context);

  expect(found[0]).toEqual({ kind: 'domain', id: made.domain, ownerTag: tag });
  expect(
    found
      .slice(1)
      .map(({ id }) => id)
      .sort(),
  ).toEqual(['-disk1.qcow2', '-seed.iso', '.qcow2'].map((end) => `default/${made.domain}${end}`));
  for (const resource of found) await driver.removeOwned(blank(), resource, context);
  for (const resource of found) await driver.removeOwned(blank(), resource, context);
  expect(await namesOf('lost')).toEqual([]);
});

test('a guest that nobody but the hypervisor paused is in error, and start makes it run again', async () => {
  await using machines = new Machines();
  const made = await machines.create('ill');
  // As at an internal error: QEMU stops by itself, and libvirt learns of it without a reason.
  await runOrThrow(['virsh', '-c', daemon.qemuUri, 'qemu-monitor-command', made.domain, '--hmp', 'stop']);

  expect(await driver.inspect(made, context)).toEqual({
    state: 'error',
    problem: expect.stringContaining('paused the guest after an internal error'),
  });
  const started = await driver.start(made, context);
  expect(await driver.inspect(started, context)).toMatchObject({ state: 'running' });
});

test('a domain of docker-machine’s is stopped, started and removed, by its name', async () => {
  await using machines = new Machines();
  // Its disk is in no pool, and its host key in no record.
  const { domain: MachineName } = await machines.create('theirs');
  const theirs = { MachineName, ConnectionURI: daemon.qemuUri, Memory: 128, CPU: 1, SSHUser: 'docker' };
  const { instance, options } = driver.fromDockerMachine({ ...theirs, PrivateNetwork: 'none' }, 'id_rsa');

  expect(options).toMatchObject({ uri: daemon.qemuUri, 'ssh-user': 'docker' });
  expect(driver.sshEndpoint(instance)).toMatchObject({ user: 'docker', identityFiles: ['id_rsa'] });
  // It runs; its network has no address of it.
  expect(await driver.inspect(instance, context)).toEqual({ state: 'starting' });
  await driver.stop(instance, context);
  expect(await driver.inspect(instance, context)).toEqual({ state: 'stopped' });
  await driver.remove(instance, context);
  expect(await namesOf(`domain ${MachineName}`)).toEqual([]);
  expect(await namesOf(`volume ${MachineName}`)).toHaveLength(2);
});

test.each([
  ['a pool', { pool: 'none' }, 'STORAGE_POOL_NOT_FOUND', '"none"'],
  ['a network', { network: 'none' }, 'NETWORK_NOT_FOUND', '"none"'],
  ['an image', { image: '/no/such/image' }, 'DRIVER_FILE_UNREADABLE', '"/no/such/image"'],
])('%s that is missing is named before anything is made', async (_, given, code, named) => {
  const before = await namesOf('');
  await expect(driver.preCreateCheck(blank(given), context)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(named),
  });
  expect(await namesOf('')).toEqual(before);
});

/** Machines of a test, with their directories; what is left of them goes at disposal. */
class Machines implements AsyncDisposable {
  readonly #made: LibvirtInstance[] = [];

  async create(name: string, given: Partial<LibvirtOptions> = {}): Promise<LibvirtInstance> {
    return await driver.create(blank(given), {
      ...context,
      machineName: name,
      directory: await mkdtemp(join(directory, name)),
      ownerTag: `tsmachine-vm-${name}`,
      checkpoint: async (instance) => void this.#made.push(instance),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const instance of this.#made) await driver.remove(instance, context);
  }
}

function blank(given: Partial<LibvirtOptions> = {}): LibvirtOptions {
  return libvirtOptions({
    uri: daemon.qemuUri,
    image,
    network: 'user',
    memory: '128',
    'disk-size': '64m',
    ...given,
  });
}

/** Domains and volumes whose names have this part. */
async function namesOf(part: string): Promise<readonly string[]> {
  await using connection = await openConnection(daemon.qemuUri);
  const names = (await connection.domains()).map(({ name }) => `domain ${name}`);
  for (const pool of await connection.storagePools()) {
    names.push(...(await pool.volumes()).map(({ name }) => `volume ${name}`));
  }
  return names.filter((name) => name.includes(part));
}

async function live(instance: LibvirtInstance): Promise<string> {
  await using connection = await openConnection(daemon.qemuUri);
  const domain = await connection.findDomain({ name: instance.domain });
  return (await domain?.xml()) ?? '';
}
