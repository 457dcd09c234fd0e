import { runSteps } from '../../../../src/compose/engine/run-steps.js';
import type { Step } from '../../../../src/compose/plan/step.js';

const step = (id: string, ...after: string[]): Step => {
  return { id, after, action: { kind: 'remove-image', machine: 'home', name: id } };
};
const { signal } = new AbortController();

test('what does not depend on each other is done at the same time', async () => {
  const both = Promise.withResolvers<void>();
  let running = 0;
  await runSteps(
    [step('a'), step('b')],
    async () => {
      running += 1;
      if (running === 2) both.resolve();
      await both.promise;
    },
    { limit: Infinity, signal },
  );
  expect(running).toBe(2);
});

test('each waits for what is before it, and a step that is not there is not waited for', async () => {
  const done: string[] = [];
  const steps = [step('c', 'b'), step('b', 'a', 'nowhere'), step('a')];
  await runSteps(steps, async ({ id }) => void done.push(id), { limit: 1, signal });
  expect(done).toEqual(['a', 'b', 'c']);
});

test('after a failure nothing new is begun, and what is under way is waited for', async () => {
  const done: string[] = [];
  const slow = Promise.withResolvers<void>();
  const work = runSteps(
    [step('bad'), step('slow'), step('later', 'slow')],
    async ({ id }) => {
      if (id === 'bad') throw new Error('bad luck');
      await slow.promise;
      done.push(id);
    },
    { limit: Infinity, signal },
  );
  slow.resolve();
  await expect(work).rejects.toThrow('bad luck');
  expect(done).toEqual(['slow']);
});

test('the signal ends it', async () => {
  const controller = new AbortController();
  const work = runSteps([step('a'), step('b', 'a')], async () => controller.abort(new Error('enough')), {
    ...{ limit: Infinity, signal: controller.signal },
  });
  await expect(work).rejects.toThrow('enough');
});
