import { resolve } from 'node:path';
import { start } from '../../src/shared/spawn.js';
import type { TestStore } from './tsmachine.js';

/** Starts `create`, and sends the signal as soon as its standard error has said the text. Resolves to its exit code. */
export async function endedCreate(
  store: TestStore,
  args: readonly string[],
  at: string,
  signal: NodeJS.Signals,
): Promise<number> {
  const argv = [resolve('bin/tsmachine.cjs'), 'create', ...args];
  const child = start(argv, { env: store.env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    const reached = said.includes(at);
    said += chunk;
    if (!reached && said.includes(at)) child.kill(signal); // once: a second signal means at once
  });
  const code = await new Promise<number>((end) => child.once('close', (exit) => end(exit ?? -1)));
  expect(said).toContain(at);
  return code;
}
