import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openTerminal, type Terminal } from '../../support/terminal.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, newestDockerClient, type TestStore } from '../../support/tsmachine.js';

const launcher = resolve('bin/tsmachine.cjs');
/** Keys, as terminals send them. */
const [ctrlC, ctrlP, ctrlQ, ctrlX] = ['\x03', '\x10', '\x11', '\x18'];

let store: TestStore;
let docker: { readonly path: string; readonly env: NodeJS.ProcessEnv };

beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', 'boxes'], { timeoutMs: 300_000 });
  await store.expectOk(['use', 'boxes']);
  await store.expectOk(['load', '-i', await buildTinyImage(store.path)]);
  docker = { path: await newestDockerClient(), env: await store.dockerEnv('boxes') };
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

type Client = 'tsmachine' | 'docker';

/** On a terminal of its own; docker's words where the two differ in them. */
function terminal(client: Client, words: readonly string[]): Promise<Terminal> {
  if (client === 'docker') return openTerminal([docker.path, ...words], { env: docker.env });
  return openTerminal([launcher, ...words], { env: store.env });
}

const state = async (name: string) =>
  (await store.expectOk(['container', 'inspect', '-f', '{{.State.Status}}', name])).trim();

/** Says its size now and whenever that changes, and what Ctrl-C is. */
const sizeTeller = `trap 'echo "size $(stty size)"' WINCH; trap 'echo bye; exit 4' INT
test "$(stty size)" = "24 80" || sleep 1; echo "size $(stty size)"; while :; do sleep 0.1; done`;

describe.each<Client>(['tsmachine', 'docker'])('%s on a terminal', (client) => {
  const name = (suffix: string) => `${client}-${suffix}`;

  test('exec -it has the size of the terminal, follows it, and gets Ctrl-C', async () => {
    const box = name('exec');
    await store.expectOk(['run', '-d', '--name', box, 'busybox', 'sleep', '600']);
    await using session = await terminal(client, ['exec', '-it', box, 'sh', '-c', sizeTeller]);
    await session.until('size 24 80');
    await session.resize(40, 111);
    await session.until('size 40 111');
    session.type(ctrlC);

    expect(await session.end()).toMatchObject({ code: 4, isRestored: true });
    expect(session.output).not.toContain('\r\r'); // what is drawn comes as it is
    expect(await state(box)).toBe('running');
  });

  test('run -it, attach and start -ai show one terminal after the other', async () => {
    const box = name('life');
    const script = `echo started; while read word; do echo "heard $word"; test $word != end || exit 3; done`;
    await using first = await terminal(client, ['run', '-it', '--name', box, 'busybox', 'sh', '-c', script]);
    await first.until('started');
    first.type('one\r');
    await first.until('heard one');
    first.type(ctrlP);
    first.type(ctrlQ);
    const left = await first.end();

    await using second = await terminal(client, ['attach', box]);
    second.type('two\r');
    await second.until('heard two');
    second.type('end\r');
    const ended = await second.end();

    const start = client === 'docker' ? ['start'] : ['container', 'start'];
    await using third = await terminal(client, [...start, '-ai', box]);
    await third.until('started');
    third.type('end\r');
    const again = await third.end();

    expect(left).toMatchObject({ code: 0, isRestored: true });
    expect(ended).toMatchObject({ code: 3, isRestored: true });
    expect(again).toMatchObject({ code: 3, isRestored: true });
  });

  test('attach follows the size of the terminal, and --detach-keys leaves', async () => {
    const box = name('keys');
    await store.expectOk(['run', '-dit', '--name', box, 'busybox', 'sh', '-c', sizeTeller]);
    await using session = await terminal(client, ['attach', '--detach-keys', 'ctrl-x,q', box]);
    await session.resize(30, 90);
    await session.until('size 30 90');
    session.type(`${ctrlX}q`);

    expect(await session.end()).toMatchObject({ code: 1, isRestored: true });
    expect(session.output).toContain('read escape sequence');
    expect(await state(box)).toBe('running');
  });

  test('keys that detach from exec leave the command running', async () => {
    const box = name('left');
    await store.expectOk(['run', '-d', '--name', box, 'busybox', 'sleep', '600']);
    const words = ['exec', '-it', box, 'sh', '-c', 'echo up; sleep 500'];
    await using session = await terminal(client, words);
    await session.until('up');
    session.type(`${ctrlP}${ctrlQ}`);

    expect(await session.end()).toMatchObject({ code: 1, isRestored: true });
    expect(session.output).toContain('read escape sequence');
    expect(await store.expectOk(['top', box, '-o', 'pid,args'])).toContain('sleep 500');
  });

  test('detachKeys of the configuration file of docker are those that detach', async () => {
    const config = join(store.path, name('config'));
    await mkdir(config);
    await writeFile(join(config, 'config.json'), '{ "detachKeys": "ctrl-x,x" }');
    const box = name('configured');
    const words = ['run', '-it', '--name', box, 'busybox', 'sh', '-c', 'echo up; exec cat'];
    const env = { ...(client === 'docker' ? docker.env : store.env), DOCKER_CONFIG: config };
    const argv = [client === 'docker' ? docker.path : launcher, ...words];
    await using session = await openTerminal(argv, { env });
    await session.until('up');
    session.type(`${ctrlP}${ctrlQ}`);
    session.type('still here\r');
    await session.until(/still here\r\n.*still here/s);
    session.type(`${ctrlX}x`);

    expect(await session.end()).toMatchObject({ code: 0, isRestored: true });
    expect(await state(box)).toBe('running');
  });

  test('Ctrl-C and SIGTERM reach a container without a terminal', async () => {
    const box = name('signals');
    const traps = `trap "echo bye; exit 3" INT; trap "exit 5" TERM; echo up; while :; do sleep 0.1; done`;
    await using run = await terminal(client, ['run', '--name', box, 'busybox', 'sh', '-c', traps]);
    await run.until('up');
    run.type(ctrlC);
    expect(await run.end()).toMatchObject({ code: 3, isRestored: true });
    expect(run.output).toContain('bye');

    await using again = await terminal(client, ['run', 'busybox', 'sh', '-c', traps]);
    await again.until('up');
    process.kill(again.pid, 'SIGTERM');
    expect(await again.end()).toMatchObject({ code: 5, isRestored: true });
  });

  test.each([
    ['SIGTERM', 5],
    ['SIGHUP', 6],
    ['SIGQUIT', 7],
    ['SIGINT', 3],
  ] as const)('%s reaches a container with a terminal, too', async (signal, code) => {
    const box = name(`tty-${signal}`);
    const ends = 'trap "exit 3" INT; trap "exit 5" TERM; trap "exit 6" HUP; trap "exit 7" QUIT';
    const script = `${ends}; echo up; while :; do sleep 0.1; done`;
    await using run = await terminal(client, ['run', '-it', '--name', box, 'busybox', 'sh', '-c', script]);
    await run.until('up');
    process.kill(run.pid, signal);

    expect(await run.end()).toMatchObject({ code, isRestored: true });
  });

  test('what others kill ends the session with its exit code, and leaves the terminal as it was', async () => {
    const box = name('ended');
    const script = 'echo up; exec sleep 500';
    await using run = await terminal(client, ['run', '-it', '--name', box, 'busybox', 'sh', '-c', script]);
    await run.until('up');
    await using exec = await terminal(client, ['exec', '-it', box, 'sh', '-c', script]);
    await exec.until('up');
    await store.expectOk(['container', 'kill', box]);

    expect(await run.end()).toMatchObject({ code: 137, isRestored: true });
    expect(await exec.end()).toMatchObject({ code: 137, isRestored: true });
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('events ends with %s silently', async (signal, code) => {
    const box = name(`shown-${signal}`);
    await store.expectOk(['run', '-d', '--name', box, 'busybox', 'sleep', '600']);
    await using session = await terminal(client, ['events', '--since', '1', '--filter', `container=${box}`]);
    await session.until('container start');
    process.kill(session.pid, signal);

    const { text, ...end } = await session.end();
    expect(end).toEqual({ code, isRestored: true });
    expect(text).not.toContain('interrupted');
  });

  test('logs -f ends with Ctrl-C and 130, and says nothing of it', async () => {
    const box = name('watched');
    await store.expectOk(['run', '-d', '--name', box, 'busybox', 'sh', '-c', 'echo up; sleep 600']);
    await using session = await terminal(client, ['logs', '-f', box]);
    await session.until('up');
    session.type(ctrlC);

    expect(await session.end()).toEqual({ code: 130, isRestored: true, text: 'up\r\n^C' });
  });
});

test('--sig-proxy=false keeps Ctrl-C from the container', async () => {
  const script = 'trap "exit 3" INT; while :; do echo tick; sleep 0.1; done';
  await store.expectOk(['run', '-d', '--name', 'kept', 'busybox', 'sh', '-c', script]);
  await using session = await terminal('tsmachine', ['attach', '--sig-proxy=false', 'kept']);
  await session.until('tick');
  session.type(ctrlC);

  expect(await session.end()).toMatchObject({ code: 130, isRestored: true });
  expect(await state('kept')).toBe('running');
});

test.each([['exec'], ['attach']])(
  '%s leaves the terminal as it was when a signal ends it',
  async (command) => {
    const box = `hung-up-${command}`;
    const script = 'echo up; while read word; do echo "heard $word"; done';
    await store.expectOk(['run', '-dit', '--name', box, 'busybox', 'sh', '-c', script]);
    const words = command === 'exec' ? ['exec', '-it', box, 'sh', '-c', script] : ['attach', box];
    for (const [signal, code] of [
      ['SIGHUP', 129],
      ['SIGTERM', command === 'exec' ? 130 : 143],
    ] as const) {
      await using session = await terminal('tsmachine', words);
      session.type('typed\r');
      await session.until('heard typed');
      process.kill(session.pid, signal);
      expect(await session.end()).toMatchObject({ code, isRestored: true });
    }
    expect(await state(box)).toBe('running');
  },
);

test('a live screen of stats is drawn anew, and Ctrl-C leaves the terminal as it was', async () => {
  await store.expectOk(['run', '-d', '--name', 'measured', 'busybox', 'sleep', '600']);
  await using session = await terminal('tsmachine', ['stats', 'measured']);
  await session.until('measured');
  await session.until('measured');
  session.type(ctrlC);

  expect(await session.end()).toMatchObject({ code: 130, isRestored: true });
  expect(session.output).not.toContain('interrupted');
});
