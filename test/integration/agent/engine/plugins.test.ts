import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { AgentLab } from './support/agent-lab.js';

/** A volume driver as a third party would write it. */
class Driver implements AsyncDisposable {
  readonly directory: string;
  readonly calls: string[] = [];
  readonly #server: Server;
  readonly #volumes = new Set<string>();

  constructor(directory: string) {
    this.directory = directory;
    this.#server = createServer(async (request, response) => {
      const body = JSON.parse((await request.toArray()).join('') || '{}');
      const method = request.url?.slice(1) ?? '';
      this.calls.push(`${method} ${body.Name ?? ''}`.trim());
      const answer = await this.#answer(method, body);
      response.writeHead(200, { 'content-type': 'application/vnd.docker.plugins.v1.1+json' });
      response.end(JSON.stringify(answer));
    });
  }

  async listen(socket: string): Promise<void> {
    this.#server.listen(socket);
    await once(this.#server, 'listening');
  }

  async #answer(method: string, { Name, Opts }: { Name: string; Opts?: Record<string, string> }) {
    const volume = { Name, Mountpoint: join(this.directory, Name ?? ''), Status: { tier: 'gold' } };
    switch (method) {
      case 'Plugin.Activate':
        return { Implements: ['VolumeDriver'] };
      case 'VolumeDriver.Capabilities':
        return { Capabilities: { Scope: 'global' } };
      case 'VolumeDriver.Create':
        if (Opts?.['size'] === 'huge') return { Err: 'no room' };
        this.#volumes.add(Name);
        await mkdir(volume.Mountpoint, { recursive: true });
        return { Err: '' };
      case 'VolumeDriver.Remove':
        return { Err: this.#volumes.delete(Name) ? '' : 'no such volume' };
      case 'VolumeDriver.List':
        return { Volumes: [...this.#volumes].map((each) => ({ ...volume, Name: each })) };
      case 'VolumeDriver.Get':
        return this.#volumes.has(Name) ? { Volume: volume } : { Err: 'no such volume' };
      default:
        return { Mountpoint: volume.Mountpoint, Err: '' };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const places = '/run/docker/plugins';
const name = `tsmtest${process.pid}`;

let lab: AgentLab;
let driver: Driver;

beforeAll(async () => {
  lab = await AgentLab.start();
  driver = new Driver(join(lab.directory, 'theirs'));
  await mkdir(places, { recursive: true });
  await driver.listen(join(places, `${name}.sock`));
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  await driver[Symbol.asyncDispose]();
  await rm(join(places, `${name}.sock`), { force: true });
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
  const count = (method: string) =>
    driver.calls.filter((call) => call === `VolumeDriver.${method} theirs`).length;
  expect(count('Mount')).toBe(count('Unmount'));
  await output('volume', 'rm', 'theirs');
  expect(await output('volume', 'ls', '-q')).toBe('');
});

test('the driver’s own words are told, and nothing is kept of what it refused', async () => {
  const { stderr } = await lab.docker(['volume', 'create', '-d', name, '-o', 'size=huge', 'large']);

  expect(stderr).toContain('VolumeDriver.Create: no room');
  expect((await lab.docker(['volume', 'inspect', 'large'])).code).toBe(1);
});
