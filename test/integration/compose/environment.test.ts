import { homedir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { configAnswer } from '../../../src/cli/compose/config-answer.js';
import { loadProject, type ProjectSources } from '../../../src/compose/project/load-project.js';
import { run } from '../../../src/shared/spawn.js';
import { directoryOf } from '../../unit/compose/support/load.js';

/** The judge: docker compose 2.26 of Debian 13, which scripts/setup unpacks. */
const dockerCompose = join(
  process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
  'tsmachine/buildkit-clients/cli-plugins/docker-compose',
);

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: they are Compose's
const files = {
  'compose.yaml': `
services:
  web: { image: "web:\${TAG:-none}\${MORE:-}", volumes: ["./src:/src", "data:/d"] }
  debug: { image: debug, profiles: [debug] }
  tools: { image: tools, profiles: [tools] }
networks: { spare: {} }
volumes: { data: {}, unused: {} }
`,
  'other.yaml': 'services: { web: { hostname: "other-${TAG:-none}" } }\n',
  'third.yaml': 'services: { third: { image: third } }\n',
  'windows.yaml': 'services: { win: { image: win, volumes: ["C:\\\\Users\\\\me:/me"] } }\n',
  'one.env': 'TAG=one\nMORE=-first\n',
  'two.env': 'TAG=two\n',
  'sub/compose.yaml': 'services: { sub: { image: "sub:${TAG:-none}", volumes: ["./x:/x"] } }\n',
  'sub/.env': 'TAG=sub\n',
};
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: they are Compose's

interface Case {
  readonly what: string;
  /** Of the shell. */
  readonly env?: Readonly<Record<string, string>>;
  /** The project's .env. */
  readonly dotenv?: string;
  /** Where the command is given. */
  readonly cwd?: string;
  readonly options?: readonly string[];
  /** The same options, as they are for `loadProject`. */
  readonly sources?: Partial<ProjectSources>;
}

const cases: readonly Case[] = [
  { what: 'nothing' },
  { what: '.env', dotenv: 'TAG=dot\n' },
  { what: 'a variable of the shell before one of .env', dotenv: 'TAG=dot\n', env: { TAG: 'shell' } },
  { what: 'COMPOSE_FILE', env: { COMPOSE_FILE: 'compose.yaml:other.yaml' } },
  { what: 'COMPOSE_FILE in .env', dotenv: 'COMPOSE_FILE=compose.yaml:other.yaml\nTAG=dot\n' },
  {
    what: 'COMPOSE_PATH_SEPARATOR',
    env: { COMPOSE_FILE: 'compose.yaml;other.yaml;third.yaml', COMPOSE_PATH_SEPARATOR: ';' },
  },
  {
    what: 'COMPOSE_PATH_SEPARATOR in .env',
    dotenv: 'COMPOSE_FILE=compose.yaml,third.yaml\nCOMPOSE_PATH_SEPARATOR=,\n',
  },
  {
    what: '-f before COMPOSE_FILE',
    env: { COMPOSE_FILE: 'other.yaml' },
    options: ['-f', 'third.yaml'],
    sources: { files: ['third.yaml'] },
  },
  { what: 'COMPOSE_FILE of another directory', env: { COMPOSE_FILE: 'sub/compose.yaml' } },
  { what: 'COMPOSE_PROJECT_NAME', env: { COMPOSE_PROJECT_NAME: 'named' } },
  { what: 'COMPOSE_PROJECT_NAME in .env', dotenv: 'COMPOSE_PROJECT_NAME=dotted\n' },
  {
    what: '-p before COMPOSE_PROJECT_NAME',
    env: { COMPOSE_PROJECT_NAME: 'named' },
    options: ['-p', 'given'],
    sources: { projectName: 'given' },
  },
  { what: 'COMPOSE_PROFILES', env: { COMPOSE_PROFILES: 'debug,tools' } },
  { what: 'COMPOSE_PROFILES in .env', dotenv: 'COMPOSE_PROFILES=debug\n' },
  { what: 'COMPOSE_PROFILES of everything', env: { COMPOSE_PROFILES: '*' } },
  { what: 'COMPOSE_ENV_FILES', dotenv: 'TAG=dot\n', env: { COMPOSE_ENV_FILES: 'one.env,two.env' } },
  { what: 'COMPOSE_DISABLE_ENV_FILE', dotenv: 'TAG=dot\n', env: { COMPOSE_DISABLE_ENV_FILE: 'true' } },
  {
    what: 'several --env-file',
    dotenv: 'TAG=dot\n',
    options: ['--env-file', 'two.env', '--env-file', 'one.env'],
    sources: { envFiles: ['two.env', 'one.env'] },
  },
  {
    what: '--env-file before COMPOSE_ENV_FILES',
    env: { COMPOSE_ENV_FILES: 'one.env' },
    options: ['--env-file', 'two.env'],
    sources: { envFiles: ['two.env'] },
  },
  {
    what: 'COMPOSE_CONVERT_WINDOWS_PATHS',
    env: { COMPOSE_CONVERT_WINDOWS_PATHS: '1', COMPOSE_FILE: 'windows.yaml' },
  },
  {
    what: 'COMPOSE_CONVERT_WINDOWS_PATHS in .env',
    dotenv: 'COMPOSE_CONVERT_WINDOWS_PATHS=true\nCOMPOSE_FILE=windows.yaml\n',
  },
  {
    what: '--project-directory',
    options: ['--project-directory', 'sub', '-f', 'compose.yaml'],
    sources: { projectDirectory: 'sub', files: ['compose.yaml'] },
  },
  {
    what: '--project-directory without a file',
    options: ['--project-directory', 'sub'],
    sources: { projectDirectory: 'sub' },
  },
  { what: 'a directory below the project', cwd: 'sub/none', dotenv: 'TAG=dot\n' },
];

test.each(cases)('$what: the project is that of docker compose', async (each) => {
  const dotenv = each.dotenv === undefined ? {} : { '.env': each.dotenv };
  const root = directoryOf({ ...files, ...dotenv, 'sub/none/.keep': '' });
  const cwd = join(root, each.cwd ?? '');
  const env = { PATH: process.env['PATH'] ?? '', HOME: homedir(), ...each.env };
  const theirs = await run([dockerCompose, ...(each.options ?? []), 'config'], { cwd, env });

  expect({ code: theirs.code, text: await shown(cwd, env, each.sources) }).toEqual({
    code: 0,
    text: theirs.stdout,
  });
});

async function shown(
  currentDirectory: string,
  environment: ProjectSources['environment'],
  more: Partial<ProjectSources> = {},
): Promise<string> {
  const sources: ProjectSources = {
    ...{ files: [], profiles: [], envFiles: [], services: [], environment, currentDirectory },
    ...{ stdin: Readable.from([]), ...more },
  };
  const project = await loadProject(sources, { signal: new AbortController().signal, warn: () => {} });
  const nothing = { services: false, volumes: false, images: false, profiles: false, environment: false };
  return configAnswer(project, [], { ...nothing, format: 'yaml', variables: false, hash: undefined }).text;
}
