import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { run } from '../../../src/shared/spawn.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

// Each case is a process of its own: what D-Bus session there is, the library learns from its environment.

/** Ends with what it printed as JSON; `error` where something was thrown. */
const program = `
const { KeyringSecretStore } = await import(process.env.KEYRING_MODULE);
const store = new KeyringSecretStore({ service: 'tsmachine-test' });
const answer = {};
try {
  await store.probe();
  await store.set('a/b', 'hunter2 ü');
  answer.kept = await store.get('a/b');
  answer.listed = await store.list();
  await store.delete('a/b');
  await store.delete('a/b');
  answer.left = await store.list();
  answer.gone = (await store.get('a/b')) === undefined;
} catch (error) {
  answer.code = error.code;
  answer.message = error.message;
}
process.stdout.write(JSON.stringify(answer));
process.exit(0);
`;

let home: Awaited<ReturnType<typeof temporaryDirectory>>;
let module: string;
beforeAll(async () => {
  home = await temporaryDirectory();
  const { build } = await import('esbuild');
  module = join(home.path, 'keyring.mjs');
  await build({
    entryPoints: ['src/secrets/keyring-secret-store.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: module,
    plugins: [
      {
        name: 'keytar-from-here',
        setup: ({ onResolve }) =>
          onResolve({ filter: /keytar$/ }, () => ({
            path: join(process.cwd(), 'node_modules/@github/keytar/lib/keytar.js'),
            external: true,
          })),
      },
    ],
  });
});
afterAll(() => home[Symbol.asyncDispose]());

test('an unlocked keyring keeps secrets', async () => {
  const answer = await inSession(
    'printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1',
  );

  expect(answer).toEqual({ kept: 'hunter2 ü', listed: ['a/b'], left: [], gone: true });
});

test('a keyring that was never made is refused by the probe', async () => {
  const answer = await inSession('gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1');

  expect(answer).toMatchObject({ code: 'KEYRING_UNAVAILABLE' });
});

test('a session without a secret service is refused', async () => {
  expect(await inSession(':', { XDG_DATA_DIRS: home.path })).toMatchObject({ code: 'KEYRING_UNAVAILABLE' });
});

test('without D-Bus it is refused at once', async () => {
  const began = performance.now();
  const { DBUS_SESSION_BUS_ADDRESS: _, DISPLAY: __, ...env } = process.env;

  const answer = await answerOf(['node', '--input-type=module', '-e', program], {
    ...env,
    XDG_RUNTIME_DIR: home.path,
  });

  expect(answer).toMatchObject({
    code: 'KEYRING_UNAVAILABLE',
    message: expect.stringContaining('the keyring cannot be used'),
  });
  expect(performance.now() - began).toBeLessThan(20_000);
});

test('a session bus that never answers is given up after two seconds, and the process ends', async () => {
  const path = join(home.path, 'silent');
  const server = createServer(() => {}).listen(path);
  await once(server, 'listening');
  try {
    const answer = await answerOf(['node', '--input-type=module', '-e', program], {
      ...process.env,
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}`,
    });

    expect(answer).toMatchObject({ message: expect.stringContaining('did not answer within') });
  } finally {
    server.close();
  }
});

/** In a D-Bus session of its own, after a command. */
async function inSession(before: string, env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  const data = join(home.path, `data-${Math.random().toString(36).slice(2)}`);
  await mkdir(data, { mode: 0o700 });
  return answerOf(
    ['dbus-run-session', '--', 'sh', '-c', `${before}; exec node --input-type=module -e "$PROGRAM"`],
    { ...process.env, XDG_DATA_HOME: data, XDG_RUNTIME_DIR: data, HOME: data, PROGRAM: program, ...env },
  );
}

async function answerOf(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<unknown> {
  const { stdout, stderr } = await run(argv, { env: { ...env, KEYRING_MODULE: module }, timeoutMs: 30_000 });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}
