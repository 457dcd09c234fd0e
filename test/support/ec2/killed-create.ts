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
  const driver = flags.includes('--resume') ? [] : ['--driver', 'ec2']; // the record has it
  const argv = [resolve('bin/tsmachine.cjs'), 'create', ...driver, ...flags, name];
  const child = start(argv, { env: store.env, stdio: 'ignore' });
  const exited = once(child, 'exit');
  server.onDone = async (action) => {
    if (action !== at) return;
    server.onDone = undefined;
    child.kill('SIGKILL');
    await exited;
  };
  const [, signal] = await exited;
  server.onDone = undefined;
  if (signal !== 'SIGKILL') throw new Error(`create ended before ${at}`);
}
