import { Parser } from '@oclif/core';
import { chosenDriver, driverFlags, driverOptions } from '../../../src/cli/driver-flags.js';
import { defineDriver } from '../../../src/drivers/driver.js';

const definition = defineDriver({
  apiVersion: 1,
  name: 'x',
  summary: '',
  options: {
    host: { type: 'string', required: true, description: 'the host', env: ['X_HOST', 'OLD_HOST'] },
    user: { type: 'string', default: 'root', description: 'the user', aliases: ['generic-user'] },
    port: { type: 'integer', default: 22, description: 'the port', env: ['X_PORT'] },
    key: { type: 'string', description: 'the key' },
    fast: { type: 'boolean', description: 'hurry' },
    tag: { type: 'list', description: 'tags', env: ['X_TAGS'] },
  },
  load: () => Promise.reject(new Error('loaded')),
});

async function parse(argv: string[], environment: NodeJS.ProcessEnv = {}) {
  const { flags } = await Parser.parse(argv, { flags: driverFlags(definition, environment) });
  return driverOptions(definition, flags);
}

test('driverFlags() parses every type of option, and driverOptions() gives the schema back', async () => {
  const argv = [
    '--x-host',
    'h',
    '--x-port',
    '2222',
    '--x-fast',
    '--x-tag',
    'a',
    '--x-tag',
    'b',
    '--x-key',
    'k',
  ];

  expect(await parse(argv)).toEqual({
    host: 'h',
    user: 'root',
    port: 2222,
    fast: true,
    tag: ['a', 'b'],
    key: 'k',
  });
});

test('driverFlags() has defaults, and leaves out what was not given', async () => {
  expect(await parse(['--x-host', 'h'])).toEqual({ host: 'h', user: 'root', port: 22, fast: false, tag: [] });
});

test('driverFlags() takes the first environment variable that is set', async () => {
  const environment = { OLD_HOST: 'old', X_PORT: '23', X_TAGS: 'a,b' };

  expect(await parse([], environment)).toMatchObject({ host: 'old', port: 23, tag: ['a', 'b'] });
  expect(await parse([], { ...environment, X_HOST: 'new' })).toMatchObject({ host: 'new' });
  expect(await parse(['--x-host', 'flag'], environment)).toMatchObject({ host: 'flag' });
});

test('driverFlags() knows the names of docker-machine', async () => {
  expect(await parse(['--x-host', 'h', '--generic-user', 'me'])).toMatchObject({ user: 'me' });
});

test('driverFlags() asks for what is required', async () => {
  await expect(parse([])).rejects.toThrow(/x-host/);
});

test.each([
  [['web'], {}, 'sandbox'],
  [['--driver', 'ssh', 'web'], {}, 'ssh'],
  [['-d', 'ssh', 'web'], {}, 'ssh'],
  [['-dssh', 'web'], {}, 'ssh'],
  [['--driver=ssh', 'web'], { TSMACHINE_DRIVER: 'x' }, 'ssh'],
  [['--', '--driver', 'ssh'], {}, 'sandbox'],
  [['web'], { MACHINE_DRIVER: 'generic' }, 'generic'],
  [['web'], { MACHINE_DRIVER: 'generic', TSMACHINE_DRIVER: 'x' }, 'x'],
])('chosenDriver(%j, %j) is %s', (argv, environment, expected) => {
  expect(chosenDriver(argv, environment)).toBe(expected);
});
