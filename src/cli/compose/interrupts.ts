export interface Interrupts extends Disposable {
  readonly first: Promise<void>;
  readonly second: Promise<void>;
}

/** Takes Ctrl-C and SIGTERM until disposal; a third one ends this process. */
export function onInterrupts(): Interrupts {
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let count = 0;
  const heard = () => {
    count += 1;
    if (count === 1) first.resolve();
    else if (count === 2) second.resolve();
    else process.exit(130);
  };
  process.on('SIGINT', heard);
  process.on('SIGTERM', heard);
  return {
    first: first.promise,
    second: second.promise,
    [Symbol.dispose]() {
      process.off('SIGINT', heard);
      process.off('SIGTERM', heard);
    },
  };
}
