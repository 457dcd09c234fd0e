import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { FileMachineStore } from '../../../src/machine/store/file-machine-store.js';
import { jumpHostKeysPath } from '../../../src/machine/store/storage.js';
import { exitOf, run, start } from '../../../src/shared/spawn.js';
import { waitUntil } from '../../../src/shared/wait-until.js';
import type { SshEndpoint } from '../../../src/ssh/transport.js';
import { freePort, type Sshd, startSshd } from '../../support/sshd.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

// A host behind two others, each with keys of its own, and with the one address that all of them have here.
let store: TestStore;
let hops: readonly [Sshd, Sshd];
let inner: Sshd;
const resources = new AsyncDisposableStack();

beforeAll(async () => {
  store = resources.use(await createTestStore());
  hops = [resources.use(await startSshd()), resources.use(await startSshd())];
  inner = resources.use(await startSshd());
});
afterAll(() => resources[Symbol.asyncDispose]());
beforeEach(() => recordMachine(hops.map(({ endpoint }) => endpoint)));

test('options of ssh work through jump hosts, whose keys are pinned as that of the host', async () => {
  const outcome = await store.call(['ssh', 'far', '-A', '-o', 'SendEnv=NOTHING', 'id -u; exit 7']);

  expect(outcome).toEqual({ code: 7, stdout: '0\n', stderr: '' });
  const keys = JSON.parse(await readFile(jumpHostKeysPath(store.path), 'utf8'));
  expect(keys).toEqual(Object.fromEntries(hops.map(({ port, hostKey }) => [`127.0.0.1:${port}`, hostKey])));
  // Once to learn the keys, and once for the command.
  for (const sshd of [...hops, inner])
    expect(sshd.log().match(/Accepted publickey for root/g)).toHaveLength(2);
});

test('-D makes a proxy that leads through the jump hosts', async () => {
  const server = createServer((_, response) => response.end('seen from there'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const proxy = await freePort();
  const argv = [join('bin', 'tsmachine.cjs'), 'ssh', 'far', '-N', '-D', String(proxy)];
  const child = start(argv, { env: store.env, stdio: ['ignore', 'ignore', 'inherit'] });
  const curl = ['curl', '-s', '-m', '30', '--socks5', `127.0.0.1:${proxy}`, `http://127.0.0.1:${port}/`];

  const answer = await waitUntil(
    async () => {
      const { code, stdout } = await run(curl);
      return code === 0 ? stdout : undefined;
    },
    { what: 'the proxy', timeoutMs: 60_000, intervalMs: 50 },
  );
  child.kill('SIGTERM');
  await exitOf(child, argv);
  server.close();

  expect(answer).toBe('seen from there');
});

test.each([
  ['a jump host', () => hops[1]],
  ['the host', () => inner],
])('%s with another key is refused', async (_, changed) => {
  await store.expectOk(['ssh', 'far', '-A', 'true']);
  const { port } = changed();
  const path = join(store.path, 'machines', 'far', 'known_hosts');
  expect(await readFile(path, 'utf8')).toContain(changed().hostKey);
  await using other = await startSshd();
  const keys = jumpHostKeysPath(store.path);
  const known = JSON.parse(await readFile(keys, 'utf8'));
  const isHop = changed() !== inner;
  if (isHop) await writeFile(keys, JSON.stringify({ ...known, [`127.0.0.1:${port}`]: other.hostKey }));
  else
    await recordMachine(
      hops.map(({ endpoint }) => endpoint),
      other.hostKey,
    );

  const outcome = await store.call(['ssh', 'far', '-A', 'echo', 'inside']);

  if (isHop) await writeFile(keys, JSON.stringify(known));
  expect(outcome).toMatchObject({ code: 255, stdout: '' });
  expect(outcome.stderr).toMatch(/host key/i);
});

/** Ready, as one that is adopted; nothing is installed on these hosts. */
async function recordMachine(jumpHosts: readonly SshEndpoint[], hostKey?: string): Promise<void> {
  const jumps = jumpHosts.map((hop) => ({ ...hop, identityFiles: [...hop.identityFiles], jumpHosts: [] }));
  const instance = {
    ...inner.endpoint,
    identityFiles: [inner.identityFile],
    jumpHosts: jumps,
    enginePort: 1,
  };
  await new FileMachineStore(store.path).save({
    ...{
      schemaVersion: 1,
      name: 'far',
      createdAt: new Date(0).toISOString(),
      ownerTag: 'test',
      phase: 'ready',
    },
    driver: { name: 'ssh', options: {}, instance },
    engine: { port: 1, labels: [], insecureRegistries: [], registryMirrors: [], tlsSans: [] },
    ...(hostKey !== undefined && { hostKey }),
  });
}
