import { Flags } from '@oclif/core';
import { machineFlag } from '../docker/engine-command.js';

const helpGroup = 'COMPOSE';

/**
 * Options of every compose command. They stand before the command, as with docker compose, where they have short names
 * (`leading-options.ts`), or behind it with their long ones: there `-f` and `-p` are the command's own.
 */
export const composeFlags = {
  ...machineFlag,
  file: several('Compose file, "-" for standard input [env: COMPOSE_FILE]', 'FILE'),
  'project-name': Flags.string({
    description: 'name of the project [env: COMPOSE_PROJECT_NAME]',
    ...{ helpGroup, helpValue: 'NAME' },
  }),
  'project-directory': Flags.string({
    description: "what relative paths are relative to; else the first file's directory",
    ...{ helpGroup, helpValue: 'DIR' },
  }),
  profile: several('profile to activate, "*" for all [env: COMPOSE_PROFILES]', 'NAME'),
  'env-file': several('file of variables instead of .env [env: COMPOSE_ENV_FILES]', 'FILE'),
  parallel: Flags.integer({
    description: 'how much is done at the same time, -1 for no limit [env: COMPOSE_PARALLEL_LIMIT]',
    ...{ helpGroup, helpValue: 'NUMBER', min: -1 },
  }),
  progress: Flags.option({ options: ['auto', 'tty', 'plain', 'json', 'quiet'] as const })({
    description: 'how progress is shown [env: COMPOSE_PROGRESS]',
    helpGroup,
  }),
  ansi: Flags.option({ options: ['never', 'always', 'auto'] as const })({
    description: 'when to use colours and cursor movements [env: COMPOSE_ANSI]',
    helpGroup,
  }),
  compatibility: Flags.boolean({
    description: 'name containers as docker-compose 1 did, with underscores [env: COMPOSE_COMPATIBILITY]',
    helpGroup,
  }),
  'all-resources': Flags.boolean({
    description: 'also networks, volumes, secrets and configs that no service uses',
    helpGroup,
  }),
  'dry-run': Flags.boolean({ description: 'say what would be done, and do nothing', helpGroup }),
};

function several(description: string, helpValue: string) {
  return Flags.string({ description, helpGroup, helpValue, multiple: true, multipleNonGreedy: true });
}

/** What those flags say of the project. */
export interface ProjectFlags {
  readonly file: readonly string[] | undefined;
  readonly 'project-name': string | undefined;
  readonly 'project-directory': string | undefined;
  readonly profile: readonly string[] | undefined;
  readonly 'env-file': readonly string[] | undefined;
  readonly compatibility: boolean;
  readonly 'all-resources': boolean;
}
