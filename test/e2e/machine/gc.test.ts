import { rm } from 'node:fs/promises';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store[Symbol.asyncDispose]());

test('gc removes a sandbox whose machine was forgotten, and no other', async () => {
  // Two programs at once in an empty store: one authority, one identity, one network.
  const create = (name: string) => store.expectOk(['create', name], { timeoutMs: 200_000 });
  await Promise.all([create('kept'), create('lost')]);
  expect(JSON.parse(await store.expectOk(['ls', '--json']))).toMatchObject([
    { name: 'kept', state: 'Running', error: '' },
    { name: 'lost', state: 'Running', error: '' },
  ]);
  await rm(`${store.path}/machines/lost`, { recursive: true });

  const found = await store.expectOk(['gc', '--driver', 'sandbox', '--dry-run']);
  expect(found).toMatch(/^KIND.*\nsandbox +lost-[0-9a-f]{8} +sandbox +tsmachine-[0-9a-f]{12}-lost-/);
  expect(found.trim().split('\n')).toHaveLength(2);
  await store.expectOk(['gc', '--driver', 'sandbox', '-y']);

  expect(await store.expectOk(['gc', '--driver', 'sandbox', '--dry-run'])).toBe('');
  expect(await store.expectOk(['status', 'kept'])).toBe('Running\n');
  expect(await store.expectOk(['ssh', 'kept', 'echo in'])).toBe('in\n');
}, 240_000);
