import type { ProgressMessage } from '../../../api/progress.js';
import type { Puller, PullRequest } from '../../registry/puller.js';

/** The puller's calls as a sequence. A client that goes away cancels the pull through the request's signal. */
export async function* pullMessages(
  puller: Puller,
  request: Omit<PullRequest, 'progress'>,
): AsyncGenerator<ProgressMessage> {
  const waiting: ProgressMessage[] = [];
  let wake: () => void = () => {};
  let done = false;
  const progress = (message: ProgressMessage): void => {
    waiting.push(message);
    wake();
  };
  const pulled = puller.pull({ ...request, progress }).finally(() => {
    done = true;
    wake();
  });
  pulled.catch(() => {}); // it is awaited below, after what came before the failure was told
  for (;;) {
    yield* waiting.splice(0);
    if (done && waiting.length === 0) break;
    const { promise, resolve } = Promise.withResolvers<void>();
    wake = resolve;
    if (waiting.length === 0 && !done) await promise;
  }
  await pulled;
}
