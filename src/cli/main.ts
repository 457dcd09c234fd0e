import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// The entry behind bin/tsmachine.cjs, for all that its fast path does not answer.

// As a signal would have ended us: the reader of our output is gone (`| head`).
process.stdout.on('error', (error) => process.exit('code' in error && error.code === 'EPIPE' ? 141 : 1));
enableCompileCache(join(cacheDirectory(), 'compiled'));
const argv = process.argv.slice(2);
if (argv[0] === '__complete') {
  import('./complete.js')
    .then(({ complete }) => complete(argv.slice(1), process.env))
    .then((names) => process.stdout.write(names));
} else {
  import('./run.js').then(({ runCli }) => runCli(argv)).then((code) => process.exit(code));
}

/** The user's cache directory: what is in it may be removed at any time. */
function cacheDirectory(): string {
  const base = process.env['XDG_CACHE_HOME'] || process.env['LOCALAPPDATA'] || join(homedir(), '.cache');
  return join(base, 'tsmachine');
}
