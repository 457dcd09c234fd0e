import { readFile } from 'node:fs/promises';
import { settleAll } from '../../../src/shared/settle-all.js';
import { run } from '../../../src/shared/spawn.js';
import { dockerCompose2 } from './lab.js';

interface Flag {
  readonly char?: string;
  readonly aliases?: readonly string[];
}

let commands: Readonly<Record<string, { readonly flags: Readonly<Record<string, Flag>> }>>;

beforeAll(async () => {
  commands = JSON.parse(await readFile('oclif.manifest.json', 'utf8')).commands;
});

const help = async (...words: readonly string[]) => (await run([dockerCompose2, ...words, '--help'])).stdout;

/** Their names, as `docker compose --help` lists them. */
async function composeCommands(): Promise<readonly string[]> {
  const text = await help();
  return [...text.slice(text.indexOf('Commands:')).matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name);
}

test('there is a command for each of Docker Compose’s', async () => {
  const names = await composeCommands();

  expect(names.length).toBeGreaterThan(25);
  expect(names.filter((name) => !commands[`compose:${name}`])).toEqual([]);
});

// Its own help says what there is.
test('every flag of Docker Compose’s is a flag here, with the same letter', async () => {
  const results = await settleAll(['', ...(await composeCommands())], 8, async (command) => {
    const flags = flagsIn(command === '' ? await help() : await help(command));
    // Those that all commands have stand before the command, where they have letters of their own.
    return flags.map(({ name, char }) => ({
      flag: `${command || 'compose'} --${name}`,
      isHere: hasFlag(`compose:${command || 'up'}`, name, command === '' ? undefined : char),
    }));
  });
  const flags = results.flatMap((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });

  expect(flags.length).toBeGreaterThan(150);
  expect(flags.filter(({ isHere }) => !isHere)).toEqual([]);
});

function flagsIn(text: string): readonly { readonly name: string; readonly char: string | undefined }[] {
  return [...text.matchAll(/^ +(?:-(\w), )?--([a-zA-Z0-9-]+)(?= |$)/gm)]
    .map(([, char, name = '']) => ({ char, name }))
    .filter(({ name }) => name !== 'help');
}

function hasFlag(id: string, name: string, char: string | undefined): boolean {
  const flags = commands[id]?.flags ?? {};
  const found = flags[name] ?? Object.values(flags).find(({ aliases }) => aliases?.includes(name));
  return found !== undefined && (char === undefined || found.char === char);
}
