import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

let store: TestStore;
const both = ['-m', 'one', '-m', 'two'];

beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', 'one', 'two'], { timeoutMs: 300_000 });
  const image = await buildTinyImage(store.path);
  for (const name of ['one', 'two']) {
    await store.expectOk(['load', '-m', name, '-i', image]);
    const script = `echo out of ${name}; echo err of ${name} >&2; sleep 600`;
    await store.expectOk(['run', '--machine', name, '-d', '--name', 'web', 'busybox', 'sh', '-c', script]);
  }
  await store.expectOk(['volume', 'create', '-m', 'two', 'data']);
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

test('lists of several machines begin with the machine', async () => {
  const table = await store.expectOk(['ps', ...both]);
  const names = await store.expectOk(['ps', '--all-machines', '--format', '{{.Machine}}/{{.Names}}']);
  const volumes = await store.expectOk(['volume', 'ls', '--all-machines']);
  const images = JSON.parse(await store.expectOk(['images', ...both, '--json']));
  const usage = await store.expectOk(['system', 'df', '--all-machines', '--format', '{{json .}}']);
  const stats = await store.expectOk(['stats', ...both, '--no-stream', '--format', '{{.Machine}}/{{.Name}}']);

  expect(table).toMatch(/^MACHINE +CONTAINER ID .*\none +[0-9a-f]{12} .*\ntwo +[0-9a-f]{12} .*\n$/);
  expect(names).toBe('one/web\ntwo/web\n');
  expect(volumes).toBe('MACHINE   DRIVER    VOLUME NAME\ntwo       local     data\n');
  expect(images).toMatchObject([{ Machine: 'one' }, { Machine: 'two' }]);
  expect(usage.split('\n').filter((line) => line.includes('"Machine":"two"'))).toHaveLength(4);
  expect(stats).toBe('one/web\ntwo/web\n');
});

test('a single machine is listed as by docker', async () => {
  expect(await store.expectOk(['ps', '-m', 'one'])).toMatch(/^CONTAINER ID/);
  expect(await store.expectOk(['ps', '-m', 'one', '--format', 'json'])).not.toContain('Machine');
});

test('logs and events of several machines are prefixed with the machine, each on its stream', async () => {
  const { stdout, stderr } = await store.call(['logs', ...both, 'web']);
  const events = await store.expectOk(['events', ...both, '--since', '1h', '--until', '0s']);
  const formatted = ['events', ...both, '--since', '1h', '--until', '0s', '--format'];

  expect(stdout.split('\n').toSorted()).toEqual(['', 'one | out of one', 'two | out of two']);
  expect(stderr.split('\n').toSorted()).toEqual(['', 'one | err of one', 'two | err of two']);
  expect(events).toMatch(/^two \| \S+ volume create data /m);
  expect(await store.expectOk([...formatted, '{{.Machine}}:{{.Action}}'])).toMatch(/^one:start$/m);
});

test('what one machine does not have is said, and the other is shown', async () => {
  await store.expectOk(['run', '--machine', 'one', '--name', 'only', 'busybox', 'echo', 'here']);
  const outcome = await store.call(['logs', ...both, 'only']);

  expect(outcome).toEqual({
    code: 1,
    stdout: 'one | here\n',
    stderr: 'machine "two": Error response from daemon: No such container: only\n',
  });
});

test('a machine that does not answer is said with the deadline, and the others are shown', async () => {
  await using mute = await muteServer();
  const path = join(store.path, 'machines', 'two', 'config.json');
  const record = await readFile(path, 'utf8');
  const { engine, ...rest } = JSON.parse(record);
  await writeFile(
    path,
    JSON.stringify({ ...rest, address: '127.0.0.1', engine: { ...engine, port: mute.port } }),
  );
  try {
    const outcome = await store.call(['ps', '--all-machines', '--format', '{{.Machine}}/{{.Names}}']);
    expect(outcome).toMatchObject({ code: 1, stdout: 'one/web\n' });
    expect(outcome.stderr).toMatch(
      /^machine "two": cannot connect .*127\.0\.0\.1.*: no connection within 5s$/m,
    );
  } finally {
    await writeFile(path, record);
  }
});

/** Takes connections and never says a word. */
async function muteServer(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer(() => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
