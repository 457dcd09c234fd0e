import { once } from 'node:events';
import { resolve } from 'node:path';
import { start } from '../../../src/shared/spawn.js';
import type { TestStore } from '../tsmachine.js';
import type { Ec2Server } from './server.js';

/**
 * Runs `create`, and kills it when the provider has done this action and not answered yet. Throws when it comes to
 * its end instead.
 */
export async function killedCreate(
  store: TestStore,
  server: Ec2Server,
  at: string,
  name: string,
  flags: readonly string[] = [],
): Promise<void> {
  const { signal } = await endedEc2Create(store, server, { at, by: 'SIGKILL', name, flags });
  if (signal !== 'SIGKILL') throw new Error(`create ended before ${at}`);
}

export interface Ec2CreateEnd {
  /** The action of the provider. */
  readonly at: string;
  readonly by: NodeJS.Signals;
  readonly name: string;
  readonly flags?: readonly string[];
}

/** The same with any signal; the provider answers when the signal can be handled. Throws when `at` was not reached. */
export async function endedEc2Create(
  store: TestStore,
  server: Ec2Server,
  { at, by, name, flags = [] }: Ec2CreateEnd,
): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
  const driver = flags.includes('--resume') ? [] : ['--driver', 'ec2']; // the record has it
  const argv = [resolve('bin/tsmachine.cjs'), 'create', ...driver, ...flags, name];
  const child = start(argv, { env: store.env, stdio: 'ignore' });
  const exited = once(child, 'exit');
  let reached = false;
  server.onDone = async (action) => {
    if (action !== at || reached) return;
    reached = true;
    child.kill(by);
    if (by === 'SIGKILL') await exited;
  };
  const [code, signal] = await exited;
  server.onDone = undefined;
  if (!reached) throw new Error(`create ended before ${at}`);
  return { code, signal };
}
