import type { Step } from '../plan/step.js';

/**
 * Does each step as soon as those before it are done, `limit` at a time. After a failure nothing new is begun; what is
 * under way is waited for, and then the first failure is thrown.
 */
export async function runSteps(
  steps: readonly Step[],
  perform: (step: Step) => Promise<void>,
  options: { readonly limit: number; readonly signal: AbortSignal },
): Promise<void> {
  const known = new Set(steps.map(({ id }) => id));
  const done = new Set<string>();
  const waiting = new Set(steps);
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const isReady = ({ after }: Step) => after.every((id) => done.has(id) || !known.has(id));
  for (;;) {
    const mayBegin = failures.length === 0 && !options.signal.aborted;
    const next = mayBegin && running.size < options.limit ? [...waiting].find(isReady) : undefined;
    if (next) {
      waiting.delete(next);
      const work = begin(next, perform, done, failures).finally(() => running.delete(work));
      running.add(work);
    } else if (running.size > 0) await Promise.race(running);
    else break;
  }
  options.signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}

async function begin(
  step: Step,
  perform: (step: Step) => Promise<void>,
  done: Set<string>,
  failures: unknown[],
): Promise<void> {
  try {
    await perform(step);
    done.add(step.id);
  } catch (error) {
    failures.push(error);
  }
}
