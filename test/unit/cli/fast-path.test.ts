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

test('the fast path is made of few small files and of nothing outside', async () => {
  const root = join(import.meta.dirname, '../../..');
  const out = join(shop.storage, 'fast-path.cjs');
  const { code, stderr } = await run(
    [
      join(root, 'node_modules/.bin/esbuild'),
      join(root, 'src/cli/fast-path.ts'),
      ...['--bundle', '--platform=node', '--format=cjs', `--outfile=${out}`],
      ...[`--metafile=${out}.json`, '--log-level=error'],
    ],
    { cwd: root },
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { inputs }: Metafile = JSON.parse(await readFile(`${out}.json`, 'utf8'));

  const outside = Object.values(inputs).flatMap(({ imports }) => imports.filter(({ external }) => external));
  expect(Object.keys(inputs).filter((path) => !/^src\/(cli|machine|shared)\//.test(path))).toEqual([]);
  expect(Object.keys(inputs).length).toBeLessThan(20);
  expect(outside.filter(({ path }) => !/^node:(fs|fs\/promises|path|os|util)$/.test(path))).toEqual([]);
});

interface Metafile {
  readonly inputs: Readonly<Record<string, { readonly imports: readonly Import[] }>>;
}

interface Import {
  readonly path: string;
  readonly external?: boolean;
}
