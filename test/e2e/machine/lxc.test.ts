import { run } from '../../../src/shared/spawn.js';
import { ensureDebianTree } from '../../support/bare-host.js';
import { endedCreate } from '../../support/ended-create.js';
import { startOpenNetwork } from '../../support/libvirt-network.js';
import { startLibvirtd } from '../../support/libvirtd.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, dockerClients, type TestStore } from '../../support/tsmachine.js';

const resources = new AsyncDisposableStack();
let store: TestStore;
let createFlags: readonly string[];

beforeAll(async () => {
  const rootfs = await ensureDebianTree();
  const daemon = resources.use(await startLibvirtd());
  const network = { name: 'lxc', bridge: 'tsm-lxc-e2e', subnet: '10.211.80' };
  resources.use(await startOpenNetwork(daemon.lxcUri, network));
  store = resources.use(await createTestStore());
  createFlags = [
    ...['--driver', 'libvirt', '--libvirt-uri', daemon.lxcUri, '--libvirt-network', network.name],
    ...['--libvirt-rootfs', rootfs, '--libvirt-memory', '1g'],
  ];
}, 600_000);
afterAll(() => resources[Symbol.asyncDispose](), 60_000);

test('a container of libvirt becomes a container host, and is one again after stop and start', async () => {
  // What Ctrl-C has interrupted is shown with its next step, and finished by it.
  await endedCreate(store, [...createFlags, 'lx'], 'Waiting for SSH', 'SIGINT');
  expect(await store.expectOk(['ls'])).toMatch(/run "tsmachine (create --resume|provision) lx"/);
  await store.expectOk(['create', '--resume', 'lx'], { timeoutMs: 300_000 });
  await loadImage('lx');
  expect(await dockerRun('lx', 'echo', 'hello')).toBe('hello\n');

  await store.expectOk(['suspend', 'lx']);
  expect(await store.expectOk(['status', 'lx'])).toBe('Paused\n');
  await store.expectOk(['resume', 'lx']);
  await store.expectOk(['stop', 'lx']);
  expect(await store.expectOk(['status', 'lx'])).toBe('Stopped\n');
  await store.expectOk(['start', 'lx']);
  expect(await dockerRun('lx', 'echo', 'again')).toBe('again\n');

  await store.expectOk(['rm', '--force', 'lx']);
  expect(await store.expectOk(['ls', '--quiet'])).toBe('');
}, 500_000);

test('ls and help load neither koffi nor libvirt', async () => {
  const seen =
    'process.on("exit",()=>process._rawDebug(process.report.getReport().sharedObjects.join("\\n")))';
  const preload = `--import=data:text/javascript,${encodeURIComponent(seen)}`;
  for (const args of [['ls'], ['create', '--driver', 'libvirt', '--help'], ['version']]) {
    const { stderr } = await store.call(args, { env: { NODE_OPTIONS: preload } });
    expect(stderr).toContain('libc.so');
    expect(stderr).not.toMatch(/koffi|libvirt/);
  }
});

async function loadImage(machine: string): Promise<void> {
  const tar = await buildTinyImage(store.path);
  const { code, stderr } = await docker(machine, ['load', '-i', tar]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

async function dockerRun(machine: string, ...command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await docker(machine, ['run', '--rm', 'busybox', ...command]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

async function docker(machine: string, args: readonly string[]) {
  const [client] = await dockerClients();
  if (!client) throw new Error('no docker client');
  return run([client.path, ...args], { env: await store.dockerEnv(machine), timeoutMs: 60_000 });
}
