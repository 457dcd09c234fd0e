import { readdir } from 'node:fs/promises';
import { flagName } from '../../../src/drivers/options.js';
import { builtInDrivers, DriverRegistry } from '../../../src/drivers/registry.js';

const registry = new DriverRegistry();

test('every folder of drivers/ is in the registry, and nothing else', async () => {
  const entries = await readdir(`${import.meta.dirname}/../../../src/drivers`, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);

  expect(builtInDrivers.map(({ name }) => name).sort()).toEqual(folders.sort());
});

test('get() finds a driver by its name and by its aliases', () => {
  expect(registry.get('sandbox').name).toBe('sandbox');
  expect(registry.get('generic').name).toBe('ssh');
});

test('get() names the drivers there are when there is no such one', () => {
  expect(() => registry.get('virtualbox')).toThrow(
    expect.objectContaining({
      code: 'DRIVER_NOT_FOUND',
      message: 'driver "virtualbox" does not exist',
      hints: ['use one of sandbox, ssh'],
    }),
  );
});

test('no two options of any drivers share a flag', () => {
  const flags = registry
    .list()
    .flatMap(({ name, options }) =>
      Object.entries(options).flatMap(([key, option]) => [flagName(name, key), ...(option.aliases ?? [])]),
    );

  expect(new Set(flags).size).toBe(flags.length);
});

test('flagName() puts the driver before an option, once', () => {
  expect(flagName('sandbox', 'memory')).toBe('sandbox-memory');
  expect(flagName('ssh', 'ssh-host')).toBe('ssh-host');
});
