/** Of a terminal's stream what this needs; a stream of a test has no file descriptor. */
interface TerminalInput {
  readonly fd?: number;
  setRawMode(isRaw: boolean): unknown;
}

/**
 * Every key goes to the program, and output to the terminal unchanged, until disposal; then the terminal is as it was,
 * and also when a signal ends this process before. Node's raw mode still makes CR LF of each LF, which misplaces what full-screen programs draw: `stty` ends that.
 */
export function enterRawMode(stdin: TerminalInput): AsyncDisposable {
  stdin.setRawMode(true);
  const guard = restoreAtDeath(stdin);
  const isUnprocessed = stdin.fd === undefined ? Promise.resolve() : withoutProcessing(stdin.fd);
  return {
    async [Symbol.asyncDispose]() {
      await isUnprocessed; // or its setting would outlast this one's
      stdin.setRawMode(false);
      guard[Symbol.dispose]();
    },
  };
}

/** A signal that nobody else here acts on still ends this process, but not before the terminal is as it was. */
function restoreAtDeath(stdin: TerminalInput): Disposable {
  const onSignal = (signal: NodeJS.Signals) => {
    if (process.listenerCount(signal) > 1) return;
    stdin.setRawMode(false);
    process.off(signal, onSignal); // what it does without us
    process.kill(process.pid, signal);
  };
  for (const signal of deadly) process.on(signal, onSignal);
  return {
    [Symbol.dispose]() {
      for (const signal of deadly) process.off(signal, onSignal);
    },
  };
}

const deadly: readonly NodeJS.Signals[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'];

/** Where there is no such program the output is what Node makes of it. */
async function withoutProcessing(fd: number): Promise<void> {
  if (process.platform === 'win32') return;
  const { exitOf, start } = await import('../shared/spawn.js'); // few commands need it, and it costs their start
  const argv = ['stty', '-opost'];
  await exitOf(start(argv, { stdio: [fd, 'ignore', 'ignore'] }), argv).catch(() => {});
}
