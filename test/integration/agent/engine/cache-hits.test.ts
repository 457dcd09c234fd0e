import { chmod, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildLab } from './support/build-lab.js';

// A step counts as cached exactly when Docker's would: a change, and whether the last step is made anew for it.

let lab: BuildLab;

beforeAll(async () => {
  lab = await BuildLab.start();
});
afterAll(async () => lab[Symbol.asyncDispose]());

interface Change {
  /** In the context's directory, between the builds. */
  readonly change?: (directory: string) => Promise<void>;
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

async function isCached(dockerfile: string, { change, before = [], after = [] }: Change): Promise<boolean> {
  const directory = await lab.context({
    ...{ Dockerfile: dockerfile, f: 'one', g: 'other', 'd/x': '1', '.dockerignore': 'ignored\n' },
  });
  const place = (args: readonly string[]) => args.map((arg) => arg.replace('DIR', directory));
  await lab.build(directory, ['--no-cache', ...place(before)]);
  await change?.(directory);
  const again = await lab.build(directory, place(after));
  const last = [...again.matchAll(/^(#\d+) \[(?:[\w-]+ )?(\d+)\/\2\]/gm)].at(-1)?.[1];
  return again.split('\n').includes(`${last} CACHED`);
}

const copy = 'FROM busybox\nCOPY f /f\n';
const copyDirectory = 'FROM busybox\nCOPY d /d\n';
const copyAll = 'FROM busybox\nCOPY . /all\n';
const run = (flags: string) => `FROM busybox\nARG A\nRUN ${flags} true\n`;

test.each<[what: string, cached: boolean, dockerfile: string, change: Change]>([
  ['nothing', true, copy, {}],
  ['the time of a file', true, copy, { change: (d) => utimes(join(d, 'f'), 1, 1) }],
  ['the content of a file', false, copy, { change: (d) => writeFile(join(d, 'f'), 'two') }],
  ['the mode of a file', false, copy, { change: (d) => chmod(join(d, 'f'), 0o700) }],
  ['another file', true, copy, { change: (d) => writeFile(join(d, 'g'), 'changed') }],
  ['a file below a directory', false, copyDirectory, { change: (d) => writeFile(join(d, 'd/x'), '2') }],
  ['a new file in a directory', false, copyDirectory, { change: (d) => writeFile(join(d, 'd/y'), '') }],
  ['a name in a directory', false, copyDirectory, { change: (d) => rename(join(d, 'd/x'), join(d, 'd/z')) }],
  ['a file that is gone', false, copyAll, { change: (d) => rm(join(d, 'g')) }],
  ['an ignored file', true, copyAll, { change: (d) => writeFile(join(d, 'ignored'), 'x') }],
  [
    'an argument that is declared',
    false,
    run(''),
    { before: ['--build-arg', 'A=1'], after: ['--build-arg', 'A=2'] },
  ],
  [
    'an argument that is declared later',
    true,
    'FROM busybox\nRUN true\nARG A\n',
    { before: ['--build-arg', 'A=1'], after: ['--build-arg', 'A=2'] },
  ],
  [
    'an argument that only another stage has',
    true,
    'FROM busybox AS other\nARG A\nFROM busybox\nRUN true\n',
    { before: ['--build-arg', 'A=1'], after: ['--build-arg', 'A=2'] },
  ],
  [
    'a proxy',
    true,
    run(''),
    {
      before: ['--build-arg', 'HTTP_PROXY=http://a.example'],
      after: ['--build-arg', 'HTTP_PROXY=http://b.example'],
    },
  ],
  [
    'the value of a secret',
    true,
    run('--mount=type=secret,id=s'),
    { before: ['--secret', 'id=s,src=DIR/f'], after: ['--secret', 'id=s,src=DIR/g'] },
  ],
  ['a label of the result', true, copy, { after: ['--label', 'a=b'] }],
  [
    'a file that a command sees',
    false,
    run('--mount=target=/m'),
    { change: (d) => writeFile(join(d, 'g'), 'x') },
  ],
  [
    'a file beside what a command sees',
    true,
    run('--mount=source=f,target=/m'),
    { change: (d) => writeFile(join(d, 'g'), 'x') },
  ],
  [
    'the content of a cache',
    true,
    'FROM busybox\nRUN --mount=type=cache,target=/c date >> /c/log\n',
    { change: async (d) => void (await lab.build(`${d}/d`, ['-f', `${d}/Dockerfile`, '--no-cache'])) },
  ],
  [
    'a file of another stage, with the same content',
    true,
    'FROM busybox AS one\nARG A\nRUN echo same > /x\nFROM busybox\nCOPY --from=one /x /x\n',
    { before: ['--build-arg', 'A=1'], after: ['--build-arg', 'A=2'] },
  ],
  [
    'a file of another stage',
    false,
    'FROM busybox AS one\nARG A\nRUN echo $A > /x\nFROM busybox\nCOPY --from=one /x /x\n',
    { before: ['--build-arg', 'A=1'], after: ['--build-arg', 'A=2'] },
  ],
  ['that no cache is wanted', false, copy, { after: ['--no-cache'] }],
  [
    'that no cache is wanted for another stage',
    true,
    'FROM busybox AS one\nFROM busybox AS two\nCOPY f /f\n',
    { after: ['--no-cache-filter', 'one'] },
  ],
])('%s (cached: %s)', async (_, cached, dockerfile, change) => {
  expect(await isCached(dockerfile, change)).toBe(cached);
});
