import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { configAnswer, modelAnswer } from '../../../src/cli/compose/config-answer.js';
import { asksForNames, type ConfigQuestion } from '../../../src/cli/compose/config-question.js';
import { loadProject, loadProjectModel } from '../../../src/compose/project/load-project.js';

/** The judge: docker compose 2.26 of Debian 13, which scripts/setup unpacks. */
const dockerCompose = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'tsmachine/buildkit-clients/cli-plugins/docker-compose',
);
const environment = { PATH: process.env['PATH'] ?? '', HOME: homedir() };
const root = join(import.meta.dirname, 'fixtures');
const fixtures = readdirSync(root).sort();

const everything: ConfigQuestion = {
  ...{ format: 'yaml', services: false, volumes: false, images: false, profiles: false },
  ...{ environment: false, variables: false, hash: undefined },
};

describe.each(fixtures)('%s', (name) => {
  const directory = join(root, name);

  test('is shown as docker compose shows it', async () => {
    expect(await ours(directory, everything)).toBe(await theirs(directory, []));
  });

  test('is shown in JSON as docker compose shows it', async () => {
    expect(await ours(directory, { ...everything, format: 'json' })).toBe(
      `${await theirs(directory, ['--format', 'json'])}\n`,
    );
  });

  test('has the hashes that docker compose gives it', async () => {
    expect(await ours(directory, { ...everything, hash: '*' })).toBe(
      await theirs(directory, ['--hash', '*']),
    );
  });
});

test.each<[string, string, readonly string[], Partial<ConfigQuestion>]>([
  ['names of services', 'profiles', ['--services'], { services: true }],
  ['names of volumes', 'every-attribute', ['--volumes'], { volumes: true }],
  ['names of images', 'monorepo', ['--images'], { images: true }],
  ['names of profiles', 'profiles', ['--profiles'], { profiles: true }],
])('%s are the same', async (_title, name, args, question) => {
  const directory = join(root, name);
  const sorted = (text: string) => text.trim().split('\n').sort();
  expect(sorted(await ours(directory, { ...everything, ...question }))).toEqual(
    sorted(await theirs(directory, args)),
  );
});

test.each<[string, string, readonly string[], Setup]>([
  ['services with what they depend on', 'profiles', ['backend'], { services: ['backend'] }],
  ['a service of a profile that is named', 'profiles', ['phpmyadmin'], { services: ['phpmyadmin'] }],
  ['paths left alone', 'every-attribute', ['--no-path-resolution'], { resolvePaths: false }],
  ['nothing normalised', 'every-attribute', ['--no-normalize'], { normalize: false }],
  ['variables left alone', 'celery-anchors', ['--no-interpolate'], { interpolate: false }],
])('%s: the same', async (_title, name, args, setup) => {
  const directory = join(root, name);
  expect(await ours(directory, everything, setup)).toBe(await theirs(directory, args));
});

test.each<[string, readonly string[], Partial<Setup>]>([
  ['a profile', ['--profile', 'debug', '--profile', 'frontend'], { profiles: ['debug', 'frontend'] }],
  ['every profile', ['--profile', '*'], { profiles: ['*'] }],
  ['a name', ['-p', 'other_1'], { projectName: 'other_1' }],
])('%s is taken in the same way', async (_title, options, setup) => {
  const directory = join(root, 'profiles');
  expect(await ours(directory, everything, setup)).toBe(await theirs(directory, [], options));
});

interface Setup {
  readonly services?: readonly string[];
  readonly profiles?: readonly string[];
  readonly projectName?: string;
  readonly resolvePaths?: boolean;
  readonly normalize?: boolean;
  readonly interpolate?: boolean;
}

async function ours(directory: string, question: ConfigQuestion, setup: Setup = {}): Promise<string> {
  const sources = {
    ...{ files: [], profiles: [], envFiles: [], services: [], environment, currentDirectory: directory },
    ...{ stdin: Readable.from([]), ...setup },
  };
  const loading = { signal: new AbortController().signal, warn: () => {}, ...setup };
  if (setup.interpolate === false)
    return modelAnswer(await loadProjectModel(sources, loading), question).text;
  const resolveEnvironment = !asksForNames(question);
  const project = await loadProject(sources, { ...loading, resolveEnvironment });
  return configAnswer(project, sources.services, question).text;
}

async function theirs(
  directory: string,
  args: readonly string[],
  options: readonly string[] = [],
): Promise<string> {
  const run = promisify(execFile);
  const { stdout } = await run(dockerCompose, [...options, 'config', ...args], {
    cwd: directory,
    env: environment,
  });
  return stdout;
}
