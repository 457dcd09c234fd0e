import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { run } from '../../../src/shared/spawn.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

let store: TestStore;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', 'box'], { timeoutMs: 300_000 });
  await store.expectOk(['use', 'box']);
  await store.expectOk(['load', '-i', await buildTinyImage(store.path)]);
  await store.expectOk(['tag', 'busybox', 'registry:5000/team/app:v1']);
  await store.expectOk(['run', '-d', '--name', 'database', 'busybox', 'sleep', '600']);
  await store.expectOk(['container', 'create', '--name', 'dormant', 'busybox']);
  await store.expectOk(['volume', 'create', 'data']);
  await store.expectOk(['network', 'create', 'front']);
  await store.expectOk(['context', 'create', 'far', '--docker', 'host=tcp://192.0.2.1:2376'], {
    env: { DOCKER_CONFIG: join(store.path, 'docker') },
  });
  for (const name of ['web', 'worker']) await mkdir(join(store.path, 'machines', name), { recursive: true });
  env = {
    ...store.env,
    HOME: store.path,
    DOCKER_CONFIG: join(store.path, 'docker'),
    PATH: `${resolve('scripts/path')}:${store.env['PATH']}`,
  };
  for (const shell of ['bash', 'zsh', 'fish']) {
    await writeFile(join(store.path, shell), await store.expectOk(['completion', shell]));
  }
}, 320_000);
afterAll(async () => {
  for (const name of ['web', 'worker']) await rm(join(store.path, 'machines', name), { recursive: true });
  await store[Symbol.asyncDispose]();
});

/** What is typed, the last word being completed; what is offered; what is not. */
const cases: readonly (readonly [typed: string, expected: readonly string[], not: readonly string[]])[] = [
  ['sta', ['start', 'status'], ['stop', 'web']],
  ['start w', ['web', 'worker'], ['start', 'database']],
  ['-D stop web wo', ['worker'], ['web']],
  ['create --driver ', ['sandbox', 'ssh'], ['web']],
  ['ls --f', ['--filter', '--format'], ['--quiet']],
  ['snapshot ', ['create', 'ls'], ['env']],
  ['image p', ['policy', 'pull', 'push'], ['set']],
  ['image policy s', ['set', 'show'], ['rm']],
  ['ps -m ', ['web', 'worker', 'box'], ['--all']],
  ['exec -it ', ['database'], ['dormant', 'web']],
  ['exec -e A=b d', ['database'], ['dormant']],
  ['exec database data', [], ['database']],
  ['container start d', ['database', 'dormant'], ['data']],
  ['container rm database d', ['database', 'dormant'], []],
  ['logs -m box da', ['database'], ['data']],
  ['logs -m web da', [], ['database']],
  ['rmi busy', ['busybox:latest'], ['busybox']],
  ['run --rm -m 64m -p 80:80 bus', ['busybox:latest'], ['box']],
  ['run -v da', ['data'], ['database']],
  ['run --network ', ['front', 'bridge'], ['database']],
  ['volume rm ', ['data'], ['database']],
  ['network connect ', ['front'], ['database']],
  ['context use w', ['web', 'worker'], ['far']],
  ['context rm ', ['far', 'default'], ['web']],
  ['context create copy --from f', ['far'], ['web']],
  ['network connect front d', ['database', 'dormant'], ['front']],
];

test.each(cases)('bash completes "%s"', async (typed, expected, not) => {
  const script = `. ${store.path}/bash; COMP_LINE='tsmachine ${typed}'; COMP_POINT=\${#COMP_LINE}; COMP_WORDBREAKS=; _tsmachine; printf '%s\\n' "\${COMPREPLY[@]}"`;
  expectOffer((await run(['bash', '-c', script], { env, cwd: store.path })).stdout, expected, not);
});

test('bash completes names with colons by what is behind the last one', async () => {
  const script = `. ${store.path}/bash; COMP_LINE='tsmachine push registry:5000/t'; COMP_POINT=\${#COMP_LINE}; _tsmachine; printf '%s\\n' "\${COMPREPLY[@]}"`;

  expect((await run(['bash', '-c', script], { env })).stdout).toBe('5000/team/app:v1\n');
});

test.each(cases)('zsh completes "%s"', async (typed, expected, not) => {
  const words = ['tsmachine', ...typed.split(' ')].map((word) => `'${word}'`).join(' ');
  // Outside of the line editor the builtin cannot be called: it is stood in for by one that prints what matches.
  const script = `compdef() {}; . ${store.path}/zsh; words=(${words}); CURRENT=\${#words}; compadd() { shift; for w in "$@"; do [[ $w == "\${words[CURRENT]}"* ]] && print -r -- "$w"; done }; _files() {}; _tsmachine; true`;
  const { stdout, stderr } = await run(['zsh', '-f', '-c', script], { env, cwd: store.path });
  expect(stderr).toBe('');
  expectOffer(stdout, expected, not);
});

test.each(cases)('fish completes "%s"', async (typed, expected, not) => {
  const script = `source ${store.path}/fish; complete -C 'tsmachine ${typed}'`;
  const { stdout, stderr } = await run(['fish', '--no-config', '-c', script], { env, cwd: store.path });
  expect(stderr).toBe('');
  expectOffer(stdout, expected, not);
});

test('what nobody can be asked for is answered with nothing, at once', async () => {
  for (const line of ['containers -m web', 'containers -m nope', 'nonsense', 'images -s /nowhere']) {
    expect(await store.call(['__complete', ...line.split(' ')])).toEqual({ code: 0, stdout: '', stderr: '' });
  }
});

function expectOffer(output: string, expected: readonly string[], not: readonly string[]): void {
  const offered = output.split('\n').map((line) => line.split('\t')[0] ?? '');
  expect(offered).toEqual(expect.arrayContaining([...expected]));
  for (const word of not) expect(offered).not.toContain(word);
}
