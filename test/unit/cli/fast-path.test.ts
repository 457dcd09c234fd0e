import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fastPath } from '../../../src/cli/fast-path.js';
import Active from '../../../src/commands/active.js';
import Env from '../../../src/commands/env.js';
import Ip from '../../../src/commands/ip.js';
import Url from '../../../src/commands/url.js';
import { run } from '../../../src/shared/spawn.js';
import { runCommand } from '../../fakes/run-command.js';
import { Workshop } from '../../fakes/workshop.js';

let shop: Workshop;
beforeAll(async () => {
  shop = await Workshop.open();
  await shop.create('web');
  await shop.create('off');
  await shop.machines.stop('off', shop.context);
  await shop.machines.use('web');
});
afterAll(() => shop[Symbol.asyncDispose]());

const commands = { env: Env, url: Url, ip: Ip, active: Active };

function quick(argv: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const around = { TSMACHINE_STORAGE_PATH: shop.storage, SHELL: '/bin/bash', ...environment };
  return fastPath(argv, { environment: around, platform: process.platform });
}

type Case = readonly [argv: readonly string[], environment?: NodeJS.ProcessEnv];
const cases: Case[] = [
  [['env', 'web']],
  [['env']],
  [['env', '--shell', 'fish', 'web']],
  [['env', '--shell=powershell', 'web']],
  [['env', 'web', '--no-proxy'], { no_proxy: 'a,127.0.0.1' }],
  [['env', 'web', '--no-proxy'], { NO_PROXY: 'a' }],
  [['env', '-u']],
  [['env', '--unset', '--shell', 'cmd']],
  [['url', 'web']],
  [['url']],
  [['ip', 'web']],
  [['ip']],
  [['active']],
  [['active'], { TSMACHINE_NAME: 'off' }],
];

test.each(cases.map(([argv, environment = {}]) => ({ argv, environment })))(
  'fastPath($argv) answers as the command does',
  async ({ argv, environment }) => {
    const [name, ...rest] = argv;
    const Class = commands[name as keyof typeof commands]; // the cases name only these
    const slow = await runCommand(shop, Class, rest, { environment: { SHELL: '/bin/bash', ...environment } });

    const answer = quick(argv, environment);

    expect(answer).toBeDefined();
    expect(slow).toEqual({ code: 0, stdout: answer, stderr: '' });
  },
);

test.each([
  [[]],
  [['ls']],
  [['env', 'web', '--json']],
  [['env', '-D', 'web']],
  [['env', 'a', 'b']],
  [['env', 'nope']],
  [['env', '-u', 'web']],
  [['url', 'off']],
  [['ip', '--help']],
  [['active', 'web']],
  [['--version', 'x']],
])('fastPath(%j) leaves it to the command', (argv) => {
  expect(quick(argv)).toBeUndefined();
});

test('fastPath() finds the store by option', () => {
  const answer = (argv: string[]) => quick(argv, { TSMACHINE_STORAGE_PATH: '/nonexistent' });

  expect(answer(['url', 'web'])).toBeUndefined();
  expect(answer(['url', '-s', shop.storage, 'web'])).toBe('tcp://127.0.0.1:2376\n');
  expect(answer(['url', `--storage-path=${shop.storage}`, 'web'])).toBe('tcp://127.0.0.1:2376\n');
});

test('what env prints works in a real shell', async () => {
  const code = quick(['env', 'web']) ?? '';

  const { stdout } = await run(
    ['sh', '-c', `eval "$(cat)"; echo "$DOCKER_HOST $DOCKER_TLS_VERIFY $TSMACHINE_NAME"`],
    {
      input: code,
    },
  );

  expect(stdout).toBe('tcp://127.0.0.1:2376 1 web\n');
});

test('the entry imports nothing heavy before the fast path has answered', async () => {
  const root = join(import.meta.dirname, '../../..');
  const out = join(shop.storage, 'bundle');
  const { code, stderr } = await run(
    [
      join(root, 'node_modules/.bin/esbuild'),
      join(root, 'src/cli/main.ts'),
      ...['--bundle', '--splitting', '--platform=node', '--format=esm', '--packages=external'],
      ...[`--outdir=${out}`, `--metafile=${out}.json`, '--log-level=error'],
      '--external:../pki/*',
      '--external:../provision/*',
      '--external:../drivers/*',
      '--external:../ssh/*',
    ],
    { cwd: root },
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const outputs: Record<string, Output> = JSON.parse(await readFile(`${out}.json`, 'utf8')).outputs;

  const inputs = new Set<string>();
  const builtIns = new Set<string>();
  const visit = (path: string) => {
    for (const input of Object.keys(outputs[path]?.inputs ?? {})) inputs.add(input);
    for (const { path: next, kind, external } of outputs[path]?.imports ?? []) {
      if (kind !== 'import-statement') continue;
      if (external) builtIns.add(next);
      else visit(next);
    }
  };
  visit(Object.keys(outputs).find((path) => path.endsWith('/main.js')) ?? '');

  expect([...inputs].filter((path) => !/^src\/(cli|machine|shared)\//.test(path))).toEqual([]);
  expect(inputs.has('src/cli/fast-path.ts')).toBe(true);
  expect(inputs.size).toBeLessThan(20);
  expect(
    [...builtIns].filter((name) => !/^(node:)?(fs|fs\/promises|path|os|module|util)$/.test(name)),
  ).toEqual([]);
});

interface Output {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[];
}
