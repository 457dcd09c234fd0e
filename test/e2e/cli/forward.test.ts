import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { waitUntil } from '../../../src/shared/wait-until.js';
import { freePort } from '../../support/sshd.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

let store: TestStore;

beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', 'ports'], { timeoutMs: 300_000 });
  await store.expectOk(['use', 'ports']);
  await store.expectOk(['load', '-i', await buildTinyImage(store.path)]);
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

const answering = ['busybox', 'sh', '-c', 'while true; do echo hello | nc -l -p 80; done'];

test('--auto brings a published port here, tells what it cannot, and takes it away with the container', async () => {
  const [port, udp, taken] = [await freePort(), await freePort(), await freePort()];
  const occupant = createServer().listen(taken, '127.0.0.1');
  await using forward = start(['forward', '--auto']);
  try {
    const publish = ['-p', `${port}:80`, '-p', `${udp}:53/udp`, '-p', `${taken}:81`];
    await store.expectOk(['run', '-d', '--name', 'web', ...publish, ...answering]);

    await forward.says(`127.0.0.1:${port} -> ports:${port} (web)`);
    await forward.says(`port ${udp}/udp of "web" is not forwarded: SSH carries TCP only`);
    await forward.says(`port ${taken}/tcp of "web" is not forwarded: cannot listen on 127.0.0.1:${taken}`);
    expect(await text(createConnection({ host: '127.0.0.1', port }))).toBe('hello\n');

    await store.expectOk(['container', 'rm', '-f', 'web']);
    await forward.says(`127.0.0.1:${port} closed (web)`);
    await expect(text(createConnection({ host: '127.0.0.1', port }))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
  } finally {
    occupant.close();
  }
  expect(await forward.interrupt()).toBe(0);
});

test('ports that are named are carried until Ctrl-C', async () => {
  const [local, remote] = [await freePort(), await freePort()];
  await store.expectOk(['run', '-d', '--name', 'named', '-p', `${remote}:80`, ...answering]);
  await using forward = start(['forward', 'ports', `${local}:${remote}`]);

  await forward.says(`127.0.0.1:${local} -> ports:${remote}`);
  expect(await text(createConnection({ host: '127.0.0.1', port: local }))).toBe('hello\n');
  expect(await forward.interrupt()).toBe(0);
});

test('a machine that is not there is said, and ends the command', async () => {
  expect(await store.call(['forward', 'nobody', '80'])).toMatchObject({
    ...{ code: 1, stderr: expect.stringContaining('"nobody" does not exist') },
  });
});

interface Forwarding extends AsyncDisposable {
  says(line: string): Promise<void>;
  /** Ctrl-C; answers the exit code. */
  interrupt(): Promise<number | null>;
}

function start(args: readonly string[]): Forwarding {
  const child: ChildProcess = spawn(resolve('bin/tsmachine.cjs'), args, { env: store.env });
  const closed = once(child, 'close');
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += String(chunk);
    });
  }
  const interrupt = async () => {
    child.kill('SIGINT');
    return (await closed)[0] as number | null;
  };
  return {
    async says(line) {
      const options = { what: `"${line}"`, timeoutMs: 30_000, intervalMs: 50, lastSeen: () => output };
      await waitUntil(async () => output.includes(line) || undefined, options);
    },
    interrupt,
    [Symbol.asyncDispose]: async () => void (await interrupt()),
  };
}
