import { defineDriver } from '../../../src/drivers/driver.js';
import { driversOf, type PluginPackage } from '../../../src/drivers/plugin.js';
import { DriverRegistry } from '../../../src/drivers/registry.js';

const definition = defineDriver({
  apiVersion: 1,
  name: 'rack',
  summary: 'for tests',
  options: {},
  load: async () => {
    throw new Error('not loaded here');
  },
});

const found: PluginPackage = {
  name: 'tsmachine-driver-rack',
  version: '1.2.3',
  root: '/plugins/rack',
  manifest: { name: 'tsmachine-driver-rack', tsmachine: { drivers: { rack: './dist/index.js' } } },
};

const registry = (module: unknown, of = found) => new DriverRegistry(driversOf(of, async () => module));

test('a package that declares a driver has it under that name, and its code is loaded when it is asked for', async () => {
  const loaded: string[] = [];
  const plugins = driversOf(found, async (root, path) => {
    loaded.push(`${root} ${path}`);
    return { driver: definition };
  });
  const drivers = new DriverRegistry(plugins);

  expect(drivers.plugins()).toMatchObject([{ driver: 'rack', package: found.name, version: '1.2.3' }]);
  expect(loaded).toEqual([]);
  expect(await drivers.get('rack')).toBe(definition);
  expect(loaded).toEqual(['/plugins/rack ./dist/index.js']);
});

test.each([
  ['without an export', {}, 'DRIVER_PACKAGE_BROKEN', 'no export "driver"'],
  [
    'for a later contract',
    { driver: { ...definition, apiVersion: 2 } },
    'DRIVER_PACKAGE_VERSION',
    'version 2',
  ],
  ['without a version', { driver: { name: 'rack' } }, 'DRIVER_PACKAGE_VERSION', 'version undefined'],
  ['of another name', { driver: { ...definition, name: 'shelf' } }, 'DRIVER_PACKAGE_BROKEN', '"shelf"'],
  [
    'without load()',
    { driver: { apiVersion: 1, name: 'rack', options: {} } },
    'DRIVER_PACKAGE_BROKEN',
    'not a',
  ],
])('a module %s is refused when its driver is asked for', async (_, module, code, words) => {
  await expect(registry(module).get('rack')).rejects.toMatchObject({
    code,
    message: expect.stringContaining(words),
  });
});

test('a module that throws is reported with its package, its own words, and what to do', async () => {
  const drivers = new DriverRegistry(
    driversOf(found, async () => {
      throw new Error('Cannot find module "left-pad"');
    }),
  );

  await expect(drivers.get('rack')).rejects.toMatchObject({
    code: 'DRIVER_PACKAGE_BROKEN',
    message: expect.stringMatching(/tsmachine-driver-rack.*left-pad/),
    hints: [expect.stringContaining('tsmachine driver rm tsmachine-driver-rack')],
  });
});

test('a package cannot take the place of a built-in driver, nor of its alias', async () => {
  const of = { ...found, manifest: { tsmachine: { drivers: { ssh: './x.js', generic: './y.js' } } } };
  const drivers = registry({ driver: { ...definition, name: 'ssh' } }, of);

  expect(drivers.plugins()).toEqual([]);
  expect((await drivers.get('generic')).summary).not.toBe('for tests');
});

test.each([null, 3, {}, { tsmachine: 1 }, { tsmachine: { drivers: [] } }])(
  'a manifest without drivers (%j) declares none',
  (manifest) => {
    expect(driversOf({ ...found, manifest }, async () => ({}))).toEqual([]);
  },
);
