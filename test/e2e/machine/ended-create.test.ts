import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BareHost, startBareHost } from '../../support/bare-host.js';
import { endedCreate } from '../../support/ended-create.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

// `create` is ended at each of its steps, by each signal: ls shows the truth, rm or --resume does the rest.
const resources = new AsyncDisposableStack();
let store: TestStore;
let host: BareHost;

beforeAll(async () => {
  store = resources.use(await createTestStore());
  host = resources.use(await startBareHost());
});
afterAll(() => resources[Symbol.asyncDispose](), 120_000);

const provisioning = [
  'Waiting for SSH',
  'Looking at the host',
  'Sending Node',
  'Sending the agent',
  'Installing certificates',
  'Starting the agent',
  'Checking the agent',
];
const sandbox = ['Running pre-create checks', 'Creating machine', ...provisioning];

interface Row {
  readonly name: string;
  readonly state: string;
  readonly error: string;
}

async function rowOf(name: string): Promise<Row | undefined> {
  const rows: readonly Row[] = JSON.parse(await store.expectOk(['ls', '--json']));
  return rows.find((row) => row.name === name);
}

/** What ls says of a machine whose creation ended is what is there, with the next step. */
async function expectTruth(name: string): Promise<boolean> {
  const row = await rowOf(name);
  if (row === undefined) return false; // nothing was made: checked by gc
  expect(['Creating', 'Running']).toContain(row.state);
  const finished = (await store.call(['status', name])).stdout === 'Running\n' && row.error === '';
  if (!finished) expect(row.error).toMatch(/not finished: run "tsmachine (create --resume|provision)/);
  return true;
}

async function finish(name: string, args: readonly string[]): Promise<void> {
  if (await rowOf(name)) await store.expectOk(['create', '--resume', name]);
  else await store.expectOk(['create', ...args]);
  expect(await rowOf(name)).toMatchObject({ state: 'Running', error: '' });
}

async function expectNothingLeft(): Promise<void> {
  expect(JSON.parse(await store.expectOk(['ls', '--json']))).toEqual([]);
  expect(JSON.parse(await store.expectOk(['gc', '--driver', 'sandbox', '--dry-run', '--json']))).toEqual([]);
  expect(await readdir(join(store.path, 'machines'))).toEqual([]);
}

const signals = ['SIGKILL', 'SIGINT', 'SIGTERM'] as const;

test('create of a sandbox that is ended at each step leaves what ls shows, and can be removed or finished', async () => {
  // Without a word at every step, and by the signals that are handled at every third one each.
  const ends = sandbox.flatMap((at, step) => [
    { at, step, signal: 'SIGKILL' as const },
    ...(step % 3 === 0 ? [] : [{ at, step, signal: signals[step % 3] ?? 'SIGINT' }]),
  ]);
  const works = ends.map(({ at, step, signal }, index) => async () => {
    const name = `${signal.toLowerCase()}-${step}`;
    const code = await endedCreate(store, [name], at, signal);
    if (signal !== 'SIGKILL') expect([0, 130, 143]).toContain(code);
    const kept = await expectTruth(name);
    if (index % 4 === 0) await finish(name, [name]);
    else if (!kept) return;
    await store.expectOk(['rm', '-y', name]);
  });
  await atMost(3, works);
  await expectNothingLeft();
}, 300_000);

test('create on a host over SSH that is ended at each step can be finished, and forgotten', async () => {
  const reach = ['--driver', 'ssh', '--ssh-host', host.address, '--ssh-key', host.keyFile];
  const args = [...reach, '--ssh-user', 'root', 'web'];
  for (const [index, at] of sandbox.entries()) {
    await endedCreate(store, args, at, signals[index % 3] ?? 'SIGKILL');
    await expectTruth('web');
    await finish('web', args);
    await store.expectOk(['rm', '-y', 'web']);
    await host.exec(['sh', '-c', '/opt/tsmachine/bin/supervise stop; rm -rf /opt/tsmachine']);
  }
  await expectNothingLeft();
}, 200_000);

async function atMost(limit: number, works: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = [...works];
  const worker = async () => {
    for (let work = waiting.shift(); work; work = waiting.shift()) await work();
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
