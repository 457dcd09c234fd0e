import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run, runOrThrow } from '../../../src/shared/spawn.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

let store: TestStore;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  store = await createTestStore();
  for (const name of ['web', 'worker']) await mkdir(join(store.path, 'machines', name), { recursive: true });
  env = { ...store.env, HOME: store.path, PATH: `${resolve('scripts/path')}:${store.env['PATH']}` };
  for (const shell of ['bash', 'zsh', 'fish']) {
    await writeFile(join(store.path, shell), await store.expectOk(['completion', shell]));
  }
});
afterAll(async () => {
  await runOrThrow(['rm', '-rf', join(store.path, 'machines')]);
  await store[Symbol.asyncDispose]();
});

const cases = [
  { typed: ['sta'], expected: ['start', 'status'], not: ['stop', 'web'] },
  { typed: ['start', 'w'], expected: ['web', 'worker'], not: ['start'] },
  { typed: ['-s', 'x', 'stop', 'web', 'wo'], expected: ['worker'], not: ['web'] },
  { typed: ['create', '--driver', ''], expected: ['sandbox', 'ssh'], not: ['web'] },
  { typed: ['ls', '--f'], expected: ['--filter', '--format'], not: ['--quiet'] },
  { typed: ['snapshot', ''], expected: ['create', 'ls'], not: ['env'] },
  { typed: ['ps', '-m', ''], expected: ['web', 'worker'], not: ['--all'] },
];

test.each(cases)('bash completes $typed', async ({ typed, expected, not }) => {
  const words = ['tsmachine', ...typed].map((word) => `'${word}'`).join(' ');
  const script = `. ${store.path}/bash; COMP_WORDS=(${words}); COMP_CWORD=${typed.length}; _tsmachine; printf '%s\\n' "\${COMPREPLY[@]}"`;
  expectOffer((await run(['bash', '-c', script], { env })).stdout, expected, not);
});

test.each(cases)('zsh completes $typed', async ({ typed, expected, not }) => {
  const words = ['tsmachine', ...typed].map((word) => `'${word}'`).join(' ');
  // Outside of the line editor the builtin cannot be called: it is stood in for by one that prints what matches.
  const script = `compdef() {}; . ${store.path}/zsh; words=(${words}); CURRENT=${typed.length + 1}; compadd() { shift; for w in "$@"; do [[ $w == "\${words[CURRENT]}"* ]] && print -r -- "$w"; done }; _files() {}; _tsmachine; true`;
  expectOffer((await run(['zsh', '-f', '-c', script], { env })).stdout, expected, not);
});

test.each(cases)('fish completes $typed', async ({ typed, expected, not }) => {
  const line = ['tsmachine', ...typed].join(' ');
  const script = `source ${store.path}/fish; complete -C '${line}'`;
  expectOffer((await run(['fish', '--no-config', '-c', script], { env })).stdout, expected, not);
});

function expectOffer(output: string, expected: readonly string[], not: readonly string[]): void {
  const offered = output.split('\n').map((line) => line.split('\t')[0] ?? '');
  expect(offered).toEqual(expect.arrayContaining([...expected]));
  for (const word of not) expect(offered).not.toContain(word);
}
