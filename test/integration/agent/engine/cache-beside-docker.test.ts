import { chmod, chown, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runOrThrow } from '../../../../src/shared/spawn.js';
import { buildTinyImage } from '../../../support/tiny-image.js';
import { AgentLab } from './support/agent-lab.js';
import { DockerEngine } from './support/docker-engine.js';

// The classic builder takes the same steps from its cache as Docker Engine's own, whatever has changed.

let lab: AgentLab;
let theirs: DockerEngine;
let number = 0;

beforeAll(async () => {
  lab = await AgentLab.start();
  theirs = new DockerEngine(lab);
  await theirs.start();
  await theirs.docker('load', '-i', await buildTinyImage(lab.directory));
}, 120_000);
afterAll(async () => {
  await theirs[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
});

interface Edit {
  readonly files?: Readonly<Record<string, string>>;
  /** In the context's directory, between the builds. */
  readonly change?: (directory: string) => Promise<unknown>;
  readonly before?: readonly string[];
  readonly after?: readonly string[];
}

/** Of the second build's steps, which are from the cache. */
async function cachedSteps(
  socket: string,
  dockerfiles: readonly [string, string],
  edit: Edit,
): Promise<string> {
  const directory = join(lab.directory, `edited-${number++}`);
  const files = { f: 'one', g: 'other', 'd/x': '1', 'd/y': '2', ...edit.files };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), content);
  }
  await symlink('x', join(directory, 'd/link'));
  const build = async (dockerfile: string, args: readonly string[] = []): Promise<string> => {
    await writeFile(join(directory, 'Dockerfile'), dockerfile);
    const call = ['docker', '-H', `unix://${socket}`, 'build', ...args, directory];
    const env = { ...process.env, DOCKER_BUILDKIT: '0' };
    return (await runOrThrow(call, { env, timeoutMs: 120_000 })).stdout;
  };
  await build(dockerfiles[0], edit.before);
  await edit.change?.(directory);
  return summary(await build(dockerfiles[1], edit.after));
}

function summary(output: string): string {
  const steps = output.split(/^Step \d+\/\d+ : /m).slice(1);
  return steps
    .map((step) => `${step.split(/\s/)[0]} ${step.includes('Using cache') ? 'cached' : '-'}`)
    .join(', ');
}

const from = 'FROM busybox\n';
const same = (dockerfile: string): readonly [string, string] => [
  `${from}${dockerfile}`,
  `${from}${dockerfile}`,
];
const arg = (value: string) => ['--build-arg', `A=${value}`];
const proxy = (port: number) => ['--build-arg', `HTTP_PROXY=http://127.0.0.1:${port}`];

test.each<[what: string, dockerfiles: readonly [string, string], edit: Edit]>([
  ['nothing', same('COPY f /f\nADD d /d\nRUN true\nCMD ["sh"]\n'), {}],
  ['the time of a file', same('COPY f /f\n'), { change: (d) => utimes(join(d, 'f'), 1, 1) }],
  ['the mode of a file', same('COPY f /f\n'), { change: (d) => chmod(join(d, 'f'), 0o700) }],
  ['the owner of a file', same('COPY f /f\n'), { change: (d) => chown(join(d, 'f'), 7, 8) }],
  ['a name in a directory', same('COPY d /d\n'), { change: (d) => rename(join(d, 'd/y'), join(d, 'd/z')) }],
  [
    'where a link leads',
    same('COPY d /d\n'),
    { change: async (d) => [await rm(join(d, 'd/link')), await symlink('y', join(d, 'd/link'))] },
  ],
  ['an empty directory more', same('COPY d /d\n'), { change: (d) => mkdir(join(d, 'd/empty')) }],
  ['the mode of a directory', same('COPY d /d\n'), { change: (d) => chmod(join(d, 'd'), 0o700) }],
  ['a file beside', same('COPY f /f\n'), { change: (d) => writeFile(join(d, 'h'), '') }],
  [
    'a file that a wildcard matches, too',
    same('COPY d/* /d/\n'),
    { change: (d) => writeFile(join(d, 'd/z'), '') },
  ],
  [
    'a file that a wildcard does not match',
    same('COPY d/x* /d/\n'),
    { change: (d) => writeFile(join(d, 'd/z'), '') },
  ],
  [
    '.dockerignore, of which all is copied',
    same('COPY . /all\n'),
    { change: (d) => writeFile(join(d, '.dockerignore'), '# new\n') },
  ],
  [
    '.dockerignore that ignores itself',
    same('COPY . /all\n'),
    {
      files: { '.dockerignore': '.dockerignore\nDockerfile\n' },
      change: (d) => writeFile(join(d, '.dockerignore'), '.dockerignore\nDockerfile\nnosuch\n'),
    },
  ],
  ['an argument that is declared', same('ARG A\nRUN true\n'), { before: arg('1'), after: arg('2') }],
  [
    'an argument that is declared later',
    same('RUN true\nARG A\nENV B=$A\n'),
    { before: arg('1'), after: arg('2') },
  ],
  ['an argument before FROM', ['ARG A=1\nFROM busybox\nRUN true\n', 'ARG A=2\nFROM busybox\nRUN true\n'], {}],
  ['a default that is given now', same('ARG A=1\nRUN true\n'), { after: arg('1') }],
  ['a default', [`${from}ARG A=1\nRUN true\n`, `${from}ARG A=2\nRUN true\n`], {}],
  ['an argument that ENV hides', same('ARG A\nENV A=0\nRUN true\n'), { before: arg('1'), after: arg('2') }],
  ['a proxy', same('RUN true\n'), { before: proxy(8), after: proxy(9) }],
  ['the order of ENV', [`${from}ENV A=1 B=2\nRUN true\n`, `${from}ENV B=2 A=1\nRUN true\n`], {}],
  ['how ENV is written', [`${from}ENV A 1\nRUN true\n`, `${from}ENV A=1\nRUN true\n`], {}],
  ['a label', [`${from}LABEL a=1\nRUN true\n`, `${from}LABEL a=2\nRUN true\n`], {}],
  ['--label', same('RUN true\n'), { after: ['--label', 'a=b'] }],
  ['a comment', [`${from}RUN true\n`, `# why\n${from}# because\nRUN true\n`], {}],
  ['spaces', [`${from}RUN true  &&  true\n`, `${from}RUN true && true\n`], {}],
  ['how a line is continued', [`${from}RUN true && true\n`, `${from}RUN true \\\n && true\n`], {}],
  ['the case of an instruction', [`${from}RUN true\nCOPY f /f\n`, `from busybox\nrun true\ncopy f /f\n`], {}],
  ['the form of a command', [`${from}RUN ["true"]\n`, `${from}RUN true\n`], {}],
  ['the order of EXPOSE', [`${from}EXPOSE 1 2\nRUN true\n`, `${from}EXPOSE 2 1\nRUN true\n`], {}],
  ['an owner by its name', [`${from}COPY --chown=0:0 f /f\n`, `${from}COPY --chown=root:root f /f\n`], {}],
  ['COPY in place of ADD', [`${from}ADD f /f\n`, `${from}COPY f /f\n`], {}],
  ['where a file goes', [`${from}COPY f /f\n`, `${from}COPY f /f/\n`], {}],
  ['another file of the same content', [`${from}COPY f /h\n`, `${from}COPY h /h\n`], { files: { h: 'one' } }],
  ['a working directory that is there', same('WORKDIR /tmp\nRUN true\n'), {}],
  [
    'a target',
    same('RUN true\nFROM busybox AS two\nCOPY --from=0 /etc/group /g\nFROM two\nRUN exit 0\n'),
    { after: ['--target', 'two'] },
  ],
  [
    'a stage that is made anew with the same files',
    same('ARG A\nRUN echo same > /x\nFROM busybox\nCOPY --from=0 /x /x\nRUN true\n'),
    { before: arg('1'), after: arg('2') },
  ],
  ['an image that is not there for --cache-from', same('RUN true\n'), { after: ['--cache-from', 'nosuch'] }],
  [
    'an image of the same steps for --cache-from',
    same('RUN true\nCOPY f /f\n'),
    { before: ['-t', 'made'], after: ['--cache-from', 'made'] },
  ],
  ['that no cache is wanted', same('RUN true\n'), { after: ['--no-cache'] }],
])(
  '%s',
  async (_, dockerfiles, edit) => {
    const own = await cachedSteps(lab.socket, dockerfiles, edit);

    expect(own).toBe(await cachedSteps(theirs.socket, dockerfiles, edit));
  },
  300_000,
);

test('triggers of a base image, of which one has changed', async () => {
  const summaries = [];
  for (const socket of [lab.socket, theirs.socket]) {
    const base = `triggers${number}`;
    const trigger = (text: string): readonly [string, string] => [
      `${from}ONBUILD RUN ${text}\n`,
      `${from}ONBUILD RUN ${text}\n`,
    ];
    await cachedSteps(socket, trigger('true'), { after: ['-t', base] });
    const child: readonly [string, string] = [`FROM ${base}\nCOPY f /f\n`, `FROM ${base}\nCOPY f /f\n`];
    summaries.push(await cachedSteps(socket, child, {}));
    await cachedSteps(socket, trigger('true && true'), { after: ['-t', base] });
    summaries.push(await cachedSteps(socket, child, {}));
  }

  expect(summaries.slice(0, 2)).toEqual(summaries.slice(2));
}, 300_000);
