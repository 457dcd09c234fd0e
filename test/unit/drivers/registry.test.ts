import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flagName } from '../../../src/drivers/options.js';
import { builtInDrivers, DriverRegistry } from '../../../src/drivers/registry.js';

const registry = new DriverRegistry();

test('every folder of drivers/ is in the registry, and nothing else', async () => {
  const entries = await readdir(`${import.meta.dirname}/../../../src/drivers`, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);

  expect(builtInDrivers.map(({ name }) => name).sort()).toEqual(folders.sort());
});

test('get() finds a driver by its name and by its aliases', async () => {
  expect((await registry.get('sandbox')).name).toBe('sandbox');
  expect((await registry.get('generic')).name).toBe('ssh');
});

test('get() names the drivers there are when there is no such one', async () => {
  await expect(registry.get('virtualbox')).rejects.toMatchObject({
    code: 'DRIVER_NOT_FOUND',
    message: 'driver "virtualbox" does not exist',
    hints: [
      `use one of ${builtInDrivers.map(({ name }) => name).join(', ')}`,
      '"tsmachine driver install PACKAGE" adds one',
    ],
  });
});

test("get() names docker-machine's plugin for the driver where there is one, and what to do instead", async () => {
  const directory = await mkdtemp(join(tmpdir(), 'legacy-'));
  await writeFile(join(directory, 'docker-machine-driver-hetzner'), '', { mode: 0o755 });
  const before = process.env['PATH'];
  process.env['PATH'] = directory;
  try {
    await expect(registry.get('hetzner')).rejects.toMatchObject({
      code: 'DRIVER_NOT_FOUND',
      message: expect.stringContaining('"docker-machine-driver-hetzner" is a plugin of docker-machine'),
      hints: expect.arrayContaining([expect.stringContaining('tsmachine create --driver ssh')]),
    });
  } finally {
    process.env['PATH'] = before;
    await rm(directory, { recursive: true });
  }
});

test('no two options of any drivers share a flag', () => {
  const flags = registry
    .builtIn()
    .flatMap(({ name, options }) =>
      Object.entries(options).flatMap(([key, option]) => [flagName(name, key), ...(option.aliases ?? [])]),
    );

  expect(new Set(flags).size).toBe(flags.length);
});

test('flagName() puts the driver before an option, once', () => {
  expect(flagName('sandbox', 'memory')).toBe('sandbox-memory');
  expect(flagName('ssh', 'ssh-host')).toBe('ssh-host');
});
