import { constants } from 'node:os';
import { exitOf, start } from '../shared/spawn.js';

/**
 * Runs a program on the terminal of this process. Answers its exit code: 128 + n for a signal. The terminal sends Ctrl-C to
 * both of us: only the other one is to act on it. Throws COMMAND_NOT_STARTED.
 */
export async function runInForeground(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = start(argv, { stdio: 'inherit', env });
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  const ignore = () => {};
  process.on('SIGINT', ignore);
  for (const signal of forwarded) process.on(signal, forward);
  try {
    const code = await exitOf(child, argv);
    return code ?? 128 + (child.signalCode ? constants.signals[child.signalCode] : 0);
  } finally {
    process.off('SIGINT', ignore);
    for (const signal of forwarded) process.off(signal, forward);
  }
}

const forwarded = ['SIGTERM', 'SIGHUP'] as const;
