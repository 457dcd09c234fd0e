import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

// Runs in the agent, before its own code (`node --import`): counts what the agent is going to change below a directory, and
// ends it where the file CRASH_AT says so. As long as there is no such file, nothing is counted.
const { CRASH_AT: file = '', CRASH_ROOT: root = '' } = process.env;
const { appendFileSync, readFileSync } = fs;
let changes = 0;

function beforeChange(name: string, path: unknown): void {
  if (typeof path !== 'string' || !path.startsWith(root)) return;
  const at = fatalChange();
  if (at === undefined) return;
  changes += 1;
  appendFileSync(`${file}.changes`, `${name} ${path}\n`);
  if (changes === at) process.kill(process.pid, 'SIGKILL');
}

function fatalChange(): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function reads(flags: unknown): boolean {
  if (typeof flags === 'number') return (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) === 0;
  return flags === undefined || flags === 'r';
}

type Call = (...args: readonly unknown[]) => unknown;

function watch(owner: object, name: string): void {
  const call: Call = Reflect.get(owner, name);
  const watched: Call = (...args) => {
    if (!name.startsWith('open') || !reads(args[1])) beforeChange(name, args[0]);
    return Reflect.apply(call, owner, args);
  };
  Reflect.set(owner, name, watched);
}

const names = ['rename', 'rm', 'mkdir', 'symlink', 'link', 'unlink', 'rmdir', 'open'];
for (const name of names) {
  watch(fs.promises, name);
  watch(fs, `${name}Sync`);
}
syncBuiltinESMExports();
