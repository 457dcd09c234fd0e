import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from './temporary-directory.js';
import type { Outcome, TestStore } from './tsmachine.js';

export interface Loaded {
  /** Paths of the modules that were loaded, in that order. */
  readonly files: readonly string[];
  /** Of Node's own modules, also of the internal ones: "https", "internal/deps/undici/undici". */
  readonly builtins: readonly string[];
  /** Paths of the files that were read besides. */
  readonly read: readonly string[];
  readonly outcome: Outcome;
}

/** Loaded before the CLI: writes down what is loaded and read. */
const recorder = `
const fs = require('node:fs');
const note = (kind, what) => fs.appendFileSync(process.env.LOADED, kind + ' ' + what + '\\n');
require('node:module').registerHooks({ load(url, context, next) { note('file', url); return next(url, context); } });
for (const [object, name] of [[fs, 'readFileSync'], [fs.promises, 'readFile']]) {
  const original = object[name];
  object[name] = (path, ...rest) => { note('read', path); return original(path, ...rest); };
}
process.on('exit', () => { for (const each of process.moduleLoadList) note('builtin', each.split(' ')[1]); });
`;

/** Runs the built CLI to its end, whatever its exit code. */
export async function loadedBy(store: TestStore, args: readonly string[]): Promise<Loaded> {
  await using directory = await temporaryDirectory();
  const hook = join(directory.path, 'recorder.cjs');
  const list = join(directory.path, 'loaded');
  await writeFile(hook, recorder);
  const env = { NODE_OPTIONS: `--require ${hook}`, LOADED: list };
  const outcome = await store.call(args, { env });
  const lines = (await readFile(list, 'utf8')).split('\n');
  const of = (kind: string) =>
    lines.filter((line) => line.startsWith(`${kind} `)).map((line) => line.slice(kind.length + 1));
  return {
    files: of('file').flatMap((url) => (url.startsWith('file:') ? [fileURLToPath(url)] : [])),
    builtins: of('builtin'),
    read: of('read'),
    outcome,
  };
}
