import { join } from 'node:path';
import { AgentLab } from './support/agent-lab.js';
import { PluginServer } from './support/plugin-server.js';
import { VolumeDriver } from './support/volume-driver.js';

let lab: AgentLab;
let server: PluginServer;
let name: string;

beforeAll(async () => {
  lab = await AgentLab.start();
  const driver = new VolumeDriver(join(lab.directory, 'theirs'));
  server = await PluginServer.start('tsmtest', (method, body) => driver.answer(method, body));
  name = server.name;
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

test('volumes of a third party’s driver are made, mounted, listed and removed', async () => {
  await output('volume', 'create', '-d', name, '--label', 'a=b', '-o', 'x=y', 'theirs');
  await output('run', '--rm', '--network', 'none', '-v', 'theirs:/t', 'busybox', 'touch', '/t/file');

  expect(await output('run', '--rm', '--network', 'none', '-v', 'theirs:/t', 'busybox', 'ls', '/t')).toBe(
    'file',
  );
  expect(JSON.parse(await output('volume', 'inspect', 'theirs'))).toMatchObject([
    { Driver: name, Scope: 'global', Labels: { a: 'b' }, Options: { x: 'y' }, Status: { tier: 'gold' } },
  ]);
  expect(await output('volume', 'ls', '-q', '--filter', `driver=${name}`)).toBe('theirs');
  const count = (method: string) => server.of(`VolumeDriver.${method}`).length;
  expect(count('Mount')).toBe(count('Unmount'));
  await output('volume', 'rm', 'theirs');
  expect(await output('volume', 'ls', '-q', '--filter', `driver=${name}`)).toBe('');
});

test('the driver’s own words are told, and nothing is kept of what it refused', async () => {
  const { stderr } = await lab.docker(['volume', 'create', '-d', name, '-o', 'size=huge', 'large']);

  expect(stderr).toContain('VolumeDriver.Create: no room');
  expect((await lab.docker(['volume', 'inspect', 'large'])).code).toBe(1);
});

test('docker info names it among our own drivers', async () => {
  const { Volume, Network } = JSON.parse(await output('info', '--format', '{{json .Plugins}}'));
  expect(Volume).toEqual(expect.arrayContaining(['local', name]));
  expect(Network).toEqual(expect.arrayContaining(['bridge', 'host', 'ipvlan', 'macvlan', 'null']));
  expect(Network).not.toContain(name);
});
