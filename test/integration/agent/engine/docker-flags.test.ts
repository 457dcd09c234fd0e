import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

interface Command {
  readonly command: string;
  readonly flags: readonly string[];
  readonly others: readonly { readonly name: string }[];
}
const { commands }: { readonly commands: readonly Command[] } = JSON.parse(
  readFileSync('docs/engine-api.json', 'utf8'),
);

/** docker on PATH, and Debian's, which scripts/setup unpacks. */
const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
const clients = ['docker', join(cache, 'tsmachine', 'docker-client', 'docker')];

const help = (client: string, words: readonly string[]) =>
  execFileSync(client, [...words, '--help'], { encoding: 'utf8' });

test.each(clients)('the table of commands has every flag of %s', (client) => {
  const missing = commands.flatMap(({ command, flags, others }) => {
    const known = new Set(['--help', ...flags, ...others.map(({ name }) => name)]);
    const shown = help(client, command.split(' ')).matchAll(/^\s+(?:-\w, )?\s*(--[a-z0-9-]+)/gm);
    return [...shown].map(([, flag = '']) => flag).filter((flag) => !known.has(flag));
  });

  expect(missing).toEqual([]);
});

test.each(clients)('the table of commands has every container command of %s', (client) => {
  const [, list = ''] = help(client, ['container']).split('Commands:\n');
  const shown = [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => `container ${name}`);

  expect(commands.map(({ command }) => command)).toEqual(expect.arrayContaining(shown));
});
