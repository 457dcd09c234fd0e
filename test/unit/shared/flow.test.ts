import { KeyedMutex } from '../../../src/shared/keyed-mutex.js';
import { UndoStack } from '../../../src/shared/undo-stack.js';
import { waitUntil } from '../../../src/shared/wait-until.js';

test('KeyedMutex runs the work of one key in the order it came, even after a failure', async () => {
  const mutex = new KeyedMutex();
  const seen: number[] = [];
  const works = [0, 1, 2].map((n) =>
    mutex.run('a', async () => {
      await Promise.resolve();
      seen.push(n);
      if (n === 0) throw new Error('first fails');
    }),
  );

  await Promise.allSettled(works);

  expect(seen).toEqual([0, 1, 2]);
});

test('KeyedMutex does not make different keys wait for each other', async () => {
  const mutex = new KeyedMutex();
  const gate = Promise.withResolvers<void>();
  const first = mutex.run('a', () => gate.promise);

  await mutex.run('b', async () => {});

  gate.resolve();
  await first;
});

test('UndoStack undoes in reverse order, all of it, and reports the first failure', async () => {
  const done: string[] = [];
  const work = async () => {
    await using undo = new UndoStack();
    undo.push(() => done.push('first'));
    undo.push(() => {
      throw new Error('second fails');
    });
    undo.push(() => done.push('third'));
  };

  await expect(work()).rejects.toThrow('second fails');

  expect(done).toEqual(['third', 'first']);
});

test('UndoStack does nothing after commit()', async () => {
  const done: string[] = [];
  {
    await using undo = new UndoStack();
    undo.push(() => done.push('x'));
    undo.commit();
  }

  expect(done).toEqual([]);
});

test('waitUntil() says what it waited for and what it saw last', async () => {
  let now = 0;
  const clock = {
    now: () => now,
    async sleep(milliseconds: number) {
      now += milliseconds;
    },
  };

  const waiting = waitUntil(async () => undefined, {
    what: 'the door',
    timeoutMs: 1000,
    clock,
    lastSeen: () => 'closed',
  });

  await expect(waiting).rejects.toThrow('timed out after 1s waiting for the door (last seen: closed)');
});
