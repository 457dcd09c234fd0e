/** Takes a message; resolves when more can be taken. */
export type Emit<T> = (message: T) => Promise<void>;

/** Waiting messages beyond this make those who wait for `emit` wait. */
const mostWaiting = 1_000;

/**
 * What some work emits, as a sequence; its failure comes after what was emitted before. Work that does not wait for
 * `emit` fills memory when the reader is slow. When the reader leaves, `abandoned` is called and the work awaited.
 */
export async function* messagesOf<T>(
  work: (emit: Emit<T>) => Promise<unknown>,
  abandoned: () => void = () => {},
): AsyncGenerator<T> {
  const waiting: T[] = [];
  let wake: () => void = () => {};
  let room = Promise.withResolvers<void>();
  let done = false;
  const emit = async (message: T): Promise<void> => {
    waiting.push(message);
    wake();
    if (waiting.length > mostWaiting) await room.promise;
  };
  const result = work(emit).finally(() => {
    done = true;
    wake();
  });
  result.catch(() => {}); // it is awaited below, after what came before the failure was told
  try {
    for (;;) {
      yield* waiting.splice(0);
      room.resolve();
      room = Promise.withResolvers<void>();
      if (done && waiting.length === 0) break;
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      if (waiting.length === 0 && !done) await promise;
    }
  } finally {
    if (!done) abandoned();
    room.resolve();
    await result.catch(() => {});
  }
  await result;
}
