import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { AgentLab } from './support/agent-lab.js';
import { PluginServer } from './support/plugin-server.js';
import { VolumeDriver } from './support/volume-driver.js';

/** The calls that its driver does not answer for now: the agent is stopped in the middle of what it does. */
let stuck: 'VolumeDriver.Create' | 'VolumeDriver.Remove' | undefined;
let lab: AgentLab;
let server: PluginServer;

beforeAll(async () => {
  lab = await AgentLab.start();
  const driver = new VolumeDriver(join(lab.directory, 'theirs'));
  server = await PluginServer.start('tsmstuck', async (method, body) => {
    if (method !== stuck) return driver.answer(method, body);
    if (method === 'VolumeDriver.Create') await driver.answer(method, body);
    return new Promise(() => {});
  });
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
});

async function output(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** A volume of the driver's, and another that is made and removed after it. */
function mounts(): readonly string[] {
  return ['--mount', `type=volume,dst=/theirs,volume-driver=${server.name}`, '-v', '/ours'];
}

/** Kills the agent when it waits for the driver to answer, and starts it again. */
async function killIn(
  method: NonNullable<typeof stuck>,
  args: readonly string[],
  look: () => void | Promise<void> = () => {},
): Promise<void> {
  const before = server.of(method).length;
  stuck = method;
  const outcome = lab.docker(args);
  // Other agents of this machine see the driver, too: only the lab's makes volumes there.
  const ours = () => server.of('VolumeDriver.Create').at(-1)?.['Name'];
  const isReached = async () =>
    server
      .of(method)
      .slice(before)
      .some(({ Name }) => Name === ours()) || undefined;
  await waitUntil(isReached, { what: method, timeoutMs: 60_000, intervalMs: 20 });
  await look();
  await lab.endAgent('SIGKILL');
  await outcome;
  stuck = undefined;
  await lab.startAgent();
}

/** Of our own and of the driver's: other drivers of this machine are other tests'. */
async function volumes(): Promise<string> {
  const lists = ['local', server.name].map((driver) =>
    output('volume', 'ls', '-q', '--filter', `driver=${driver}`),
  );
  return (await Promise.all(lists)).join('');
}

const recordOf = (id: string) => join(lab.data, 'containers', id, 'container.json');
const layerOf = (id: string) => join(lab.data, 'layers', 'overlay2', id);

test.each([
  { command: 'rm -v', make: ['create'], args: ['rm', '-v', 'doomed'] },
  { command: 'rm -f -v', make: ['run', '-d'], args: ['rm', '-f', '-v', 'doomed'] },
  { command: 'the end of run --rm', make: ['run', '-d', '--rm'], args: ['kill', 'doomed'] },
])('an agent that is killed in the middle of $command goes on at its next start', async ({ make, args }) => {
  const id = await output(...make, '--name', 'doomed', ...mounts(), 'busybox', 'sleep', '1000');
  const isHalfGone = () => {
    expect({ layer: existsSync(layerOf(id)), record: existsSync(recordOf(id)) }).toEqual({
      layer: false,
      record: true,
    });
  };

  await killIn('VolumeDriver.Remove', args, isHalfGone);

  expect(await output('ps', '-aq')).toBe('');
  expect(await volumes()).toBe('');
  expect(existsSync(recordOf(id))).toBe(false);
});

test('an agent that is killed in the middle of a creation leaves neither layer nor volumes', async () => {
  const args = ['create', '--name', 'unborn', ...mounts(), 'busybox'];

  await killIn('VolumeDriver.Create', args);

  expect(await output('ps', '-aq')).toBe('');
  expect(await volumes()).toBe('');
  await output('create', '--name', 'unborn', 'busybox');
  await output('rm', 'unborn');
});

test('volumes of a creation under way are in use', async () => {
  await output('volume', 'create', 'kept');
  let refusal = '';
  const removeAll = async () => {
    refusal = (await lab.docker(['volume', 'rm', 'kept'])).stderr;
    await output('volume', 'prune', '--all', '--force');
  };

  await killIn('VolumeDriver.Create', ['create', '-v', 'kept:/kept', ...mounts(), 'busybox'], removeAll);

  expect(refusal).toContain('volume is in use');
  expect(await volumes()).toBe('kept');
  await output('volume', 'rm', 'kept');
});

test('volumes that were to stay are there after a removal that was cut off', async () => {
  const id = await output('create', '-v', '/ours', 'busybox');
  const volume = await volumes();
  await lab.endAgent('SIGKILL');
  const record = JSON.parse(await readFile(recordOf(id), 'utf8'));
  await writeFile(recordOf(id), JSON.stringify({ ...record, removal: { volumes: false } }));

  await lab.startAgent();

  expect(await output('ps', '-aq')).toBe('');
  expect(await volumes()).toBe(volume);
  await output('volume', 'rm', volume);
});

test('of two containers with one anonymous volume that are removed at once, neither leaves it', async () => {
  await output('run', '-d', '--name', 'first', '-v', '/ours', 'busybox', 'sleep', '1000');
  await output('run', '-d', '--name', 'second', '--volumes-from', 'first', 'busybox', 'sleep', '1000');

  await Promise.all(['first', 'second'].map((name) => output('rm', '-f', '-v', name)));

  expect(await volumes()).toBe('');
});

test('a creation that fails at last is not listed', async () => {
  const { code } = await lab.docker(['create', '-v', '/ours', '-w', '/etc/passwd', 'busybox']);

  expect(code).toBe(1);
  expect(await output('ps', '-aq')).toBe('');
  expect(await volumes()).toBe('');
});
