import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run, runOrThrow } from '../../../src/shared/spawn.js';
import { type BareHost, startBareHost } from '../../support/bare-host.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, dockerClients, type TestStore } from '../../support/tsmachine.js';

// The example of a third party's driver, built and packed as its author would, and installed as its user would.
const root = resolve('.');
const resources = new AsyncDisposableStack();
let work: string;
let store: TestStore;
let host: BareHost;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'driver-package-'));
  resources.defer(() => rm(work, { recursive: true, force: true }));
  store = resources.use(await createTestStore());
  host = resources.use(await startBareHost());
  env = { TSMACHINE_DATA_DIR: join(work, 'data') };
  resources.defer(async () => void (await store.call(['rm', '-f', 'web'], { env })));
  await buildExample(join(work, 'example'));
});
afterAll(() => resources[Symbol.asyncDispose]());

async function buildExample(directory: string): Promise<void> {
  await cp(resolve('examples/driver-rack'), directory, { recursive: true });
  await mkdir(join(directory, 'node_modules/@types'), { recursive: true });
  await symlink(root, join(directory, 'node_modules/tsmachine'));
  await symlink(join(root, 'node_modules/@types/node'), join(directory, 'node_modules/@types/node'));
  const compiler = join(root, 'node_modules/typescript-native/bin/tsc');
  await runOrThrow([process.execPath, compiler, '-p', directory]);
  await runOrThrow(['npm', 'pack', '--silent', '--pack-destination', work], { cwd: directory });
}

const rack = () => ['--rack-inventory', join(work, 'hosts.json'), '--rack-key', host.keyFile];

describe("a third party's driver", () => {
  test('passes the conformance suite under another test runner', async () => {
    const outcome = await run([process.execPath, '--test'], {
      cwd: join(work, 'example'),
      env: { ...process.env, NODE_OPTIONS: '' },
      timeoutMs: 60_000,
    });
    expect(outcome.stdout).toMatch(/pass \d\d/);
    expect(outcome).toMatchObject({ code: 0, stdout: expect.stringContaining('fail 0') });
  });

  test('is not there before it is installed, and what has no driver is not installed', async () => {
    await mkdir(join(work, 'empty'));
    await writeFile(join(work, 'empty/package.json'), '{"name": "empty-package", "version": "1.0.0"}');

    expect(await store.call(['create', '--driver', 'rack', 'web'], { env })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('driver "rack" does not exist'),
    });
    expect(await store.call(['driver', 'install', join(work, 'empty')], { env })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('package "empty-package" has no driver'),
    });
    expect(await store.expectOk(['driver', 'ls'], { env })).not.toContain('empty-package');
    expect(await store.call(['driver', 'install', join(work, 'nowhere.tgz')], { env })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nowhere.tgz'),
    });
  });

  test('makes a machine on which docker runs a container, and gives the host back', async () => {
    await writeFile(
      join(work, 'hosts.json'),
      JSON.stringify([{ host: host.address, port: host.port, user: 'root' }]),
    );
    const packed = join(work, 'tsmachine-driver-rack-1.0.0.tgz');

    expect(await store.expectOk(['driver', 'install', packed], { env })).toContain('driver "rack"');
    expect(await store.expectOk(['driver', 'ls'], { env })).toMatch(/rack +tsmachine-driver-rack@1\.0\.0/);
    expect(await store.expectOk(['create', '--driver', 'rack', '--help'], { env })).toContain('--rack-key');
    await store.expectOk(['create', '--driver', 'rack', ...rack(), 'web'], { env });
    const full = await store.call(['create', '--driver', 'rack', ...rack(), 'second'], { env });

    expect(full).toMatchObject({ code: 1, stderr: expect.stringContaining('every host of') });
    const [client] = await dockerClients();
    if (!client) throw new Error('there is no docker client');
    const image = await buildTinyImage(work, 'tiny:latest');
    const docker = { env: await store.dockerEnv('web') };
    await runOrThrow([client.path, 'load', '-i', image], docker);
    expect((await runOrThrow([client.path, 'run', '--rm', 'tiny', 'echo', 'racked'], docker)).stdout).toBe(
      'racked\n',
    );
    await store.expectOk(['rm', '-y', 'web'], { env });
    await store.expectOk(['create', '--driver', 'rack', ...rack(), 'web'], { env });
  });

  test('that breaks later is shown at its machine, and everything else goes on', async () => {
    const manifest = join(work, 'data/node_modules/tsmachine-driver-rack/dist/index.js');
    const whole = await readFile(manifest, 'utf8');
    await writeFile(manifest, 'throw new Error("disk rot")');

    const rows = JSON.parse(await store.expectOk(['ls', '--json'], { env }));
    const drivers = await store.expectOk(['driver', 'ls'], { env });
    await writeFile(manifest, whole);

    expect(rows).toMatchObject([
      { name: 'web', state: 'Running', error: expect.stringContaining('disk rot') },
    ]);
    expect(drivers).toMatch(/^sandbox /m);
    expect(drivers).toMatch(/^rack .*unusable/m);
  });

  test('is gone after "driver rm", its machine stays and can still be forgotten', async () => {
    await store.expectOk(['driver', 'rm', 'tsmachine-driver-rack'], { env });

    expect(await store.expectOk(['ls'], { env })).toMatch(/^web .*driver "rack" does not exist/m);
    expect(await store.call(['driver', 'rm', 'tsmachine-driver-rack'], { env })).toMatchObject({ code: 1 });
    await store.expectOk(['rm', '-f', 'web'], { env });
    expect(await store.expectOk(['ls', '-q'], { env })).toBe('');
  });
});
