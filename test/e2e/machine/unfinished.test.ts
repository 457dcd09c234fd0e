import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { start } from '../../../src/shared/spawn.js';
import { waitUntil } from '../../../src/shared/wait-until.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store[Symbol.asyncDispose]());

/** Starts `create`, and kills it without a word as soon as its standard error has said the text. */
async function killedCreate(name: string, at: string): Promise<void> {
  const child = start([resolve('bin/tsmachine.cjs'), 'create', name], { env: store.env, stdio: 'pipe' });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said += chunk;
    if (said.includes(at)) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('close', resolve));
  expect(said).toContain(at);
}

test.each([
  ['Creating machine', 'Creating'],
  ['Waiting for SSH', 'Running'],
])(
  'a create that is killed at "%s" is shown as it is, and create --resume finishes it',
  async (at, state) => {
    await killedCreate('cut', at);

    const row = (await store.expectOk(['ls'])).split('\n')[1];
    expect(row).toMatch(new RegExp(`^cut .* ${state} .*creation not finished: run "tsmachine `));
    await store.expectOk(['create', '--resume', 'cut'], { timeoutMs: 200_000 });
    expect(await store.expectOk(['status', 'cut'])).toBe('Running\n');
    await store.expectOk(['rm', '-y', 'cut']);
    expect(await store.expectOk(['gc', '--dry-run', '--driver', 'sandbox'])).toBe('');
  },
  240_000,
);

test('gc removes a sandbox whose machine was forgotten, and no other', async () => {
  await store.expectOk(['create', 'kept', 'lost'], { timeoutMs: 200_000 });
  await rm(`${store.path}/machines/lost`, { recursive: true });

  const found = await store.expectOk(['gc', '--driver', 'sandbox', '--dry-run']);
  expect(found).toMatch(/^KIND.*\nsandbox +lost-[0-9a-f]{8} +sandbox +tsmachine-[0-9a-f]{12}-lost-/);
  expect(found.trim().split('\n')).toHaveLength(2);
  await store.expectOk(['gc', '--driver', 'sandbox', '-y']);

  expect(await store.expectOk(['gc', '--driver', 'sandbox', '--dry-run'])).toBe('');
  expect(await store.expectOk(['status', 'kept'])).toBe('Running\n');
  await waitUntil(async () => ((await store.call(['ssh', 'kept', 'true'])).code === 0 ? true : undefined), {
    what: 'the other sandbox to answer',
    timeoutMs: 5000,
  });
}, 240_000);
