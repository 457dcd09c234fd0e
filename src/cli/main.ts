import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fastPath } from './fast-path.js';

// The entry: nothing heavy is imported before it is known that it is needed.

const argv = process.argv.slice(2);
const answer = fastPath(argv, { environment: process.env, platform: process.platform });
if (answer === undefined) await runAll();
else process.stdout.write(answer);

async function runAll(): Promise<void> {
  // As a signal would have ended us: the reader of our output is gone (`| head`).
  process.stdout.on('error', (error) => process.exit('code' in error && error.code === 'EPIPE' ? 141 : 1));
  enableCompileCache(join(cacheDirectory(), 'compiled'));
  const { runCli } = await import('./run.js');
  const code = await runCli(argv);
  process.exit(code);
}

/** The user's cache directory: what is in it may be removed at any time. */
function cacheDirectory(): string {
  const base = process.env['XDG_CACHE_HOME'] || process.env['LOCALAPPDATA'] || join(homedir(), '.cache');
  return join(base, 'tsmachine');
}
