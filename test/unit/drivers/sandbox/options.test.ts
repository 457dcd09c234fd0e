import { hostnameOf, newSandboxId } from '../../../../src/drivers/sandbox/instance.js';
import { interfaceOf } from '../../../../src/drivers/sandbox/network.js';
import { parseSandboxOptions } from '../../../../src/drivers/sandbox/options.js';

const defaults = { base: '/', memory: undefined, cpus: undefined, subnet: undefined };

test('parseSandboxOptions() gives values', () => {
  expect(
    parseSandboxOptions({ base: '/srv/debian/', memory: '512m', cpus: '1.5', subnet: '10.44.0.0/24' }),
  ).toEqual({
    base: '/srv/debian',
    memoryBytes: 536_870_912,
    cpus: 1.5,
    subnet: { base: 0x0a_2c_00_00, prefixLength: 24 },
  });
  expect(parseSandboxOptions(defaults).base).toBe('/');
});

test.each([
  [{ base: 'debian' }, '--sandbox-base "debian" is not an absolute path'],
  [{ memory: 'much' }, '--sandbox-memory "much"'],
  [{ memory: '1m' }, 'is too little'],
  [{ cpus: '0' }, '--sandbox-cpus "0"'],
  [{ cpus: '-1' }, '--sandbox-cpus "-1"'],
  [{ cpus: '1e3' }, '--sandbox-cpus "1e3"'],
  [{ subnet: '10.0.0.0/8' }, '--sandbox-subnet "10.0.0.0/8"'],
  [{ subnet: 'nonsense' }, '--sandbox-subnet "nonsense"'],
])('parseSandboxOptions() refuses %j', (given, words) => {
  expect(() => parseSandboxOptions({ ...defaults, ...given })).toThrow(
    expect.objectContaining({ code: 'DRIVER_OPTION_INVALID', message: expect.stringContaining(words) }),
  );
});

test.each([
  ['web', 'web'],
  ['Web.Server_1', 'web-server-1'],
  ['-', 'sandbox'],
  ['x'.repeat(80), 'x'.repeat(63)],
])('hostnameOf() makes a host name of "%s"', (name, hostname) => {
  expect(hostnameOf(name)).toBe(hostname);
});

test('newSandboxId() is unique, fits a file name, and its interface fits the kernel', () => {
  const ids = [newSandboxId('Web/../1'), newSandboxId('Web/../1'), newSandboxId('y'.repeat(200))];

  expect(new Set(ids).size).toBe(3);
  for (const id of ids) {
    expect(id).toMatch(/^[a-z0-9-]{1,49}$/);
    expect(interfaceOf(id).length).toBeLessThanOrEqual(15);
  }
});
