import type { OrphanPolicy } from '../../compose/engine/up.js';
import { isOn } from '../../compose/file/boolean.js';
import { flagsConflict, settingInvalid } from './errors.js';
import { ansiKinds, type ProgressChoice, progressKinds } from './open-progress.js';

/** What flags of every compose command, or else the variables named COMPOSE_…, say of how it works. */
export interface ComposeSettings {
  /** How many things are done at the same time. */
  readonly parallel: number;
  readonly progress: ProgressChoice;
  /** Progress goes to stdout instead of stderr. */
  readonly progressOnStdout: boolean;
  readonly removeOrphans: boolean;
  readonly ignoreOrphans: boolean;
}

export interface SettingFlags {
  readonly parallel: number | undefined;
  readonly progress: ProgressChoice['progress'] | undefined;
  readonly ansi: ProgressChoice['ansi'] | undefined;
  readonly 'dry-run': boolean;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Throws COMPOSE_SETTING_INVALID, FLAGS_CONFLICT. */
export function composeSettings(flags: SettingFlags, variables: Variables): ComposeSettings {
  return {
    parallel: parallelism(flags.parallel, variables),
    progress: progressChoice(flags, variables),
    progressOnStdout: isOn(variables['COMPOSE_STATUS_STDOUT']),
    removeOrphans: isOn(variables['COMPOSE_REMOVE_ORPHANS']),
    ignoreOrphans: isOn(variables['COMPOSE_IGNORE_ORPHANS']),
  };
}

/** In Docker Compose's words where the two contradict each other. Throws FLAGS_CONFLICT. */
export function orphanPolicy(
  isRemovalWanted: boolean,
  { removeOrphans, ignoreOrphans }: Pick<ComposeSettings, 'removeOrphans' | 'ignoreOrphans'>,
): OrphanPolicy {
  const areRemoved = isRemovalWanted || removeOrphans;
  if (areRemoved && ignoreOrphans) {
    throw flagsConflict('cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans');
  }
  return areRemoved ? 'remove' : ignoreOrphans ? 'ignore' : 'tell';
}

/** No limit unless one is set. */
function parallelism(given: number | undefined, variables: Variables): number {
  const written = variables['COMPOSE_PARALLEL_LIMIT'];
  const limit = given ?? Number(written || -1);
  if (!Number.isInteger(limit)) {
    throw settingInvalid(`COMPOSE_PARALLEL_LIMIT must be an integer (found: "${written}")`);
  }
  return limit > 0 ? limit : Infinity;
}

function progressChoice(flags: SettingFlags, variables: Variables): ProgressChoice {
  const written = variables['COMPOSE_PROGRESS'] || 'auto';
  const progress = flags.progress ?? progressKinds.find((kind) => kind === written);
  if (progress === undefined) throw settingInvalid(`unsupported --progress value "${written}"`);
  const ansi = flags.ansi ?? ansiKinds.find((kind) => kind === variables['COMPOSE_ANSI']) ?? 'auto';
  if (progress === 'tty' && ansi === 'never') {
    throw flagsConflict("can't use --progress tty while ANSI support is disabled");
  }
  if (progress === 'plain' && ansi === 'always') {
    throw flagsConflict("can't use --progress plain while ANSI support is forced");
  }
  return { progress, ansi, dryRun: flags['dry-run'] };
}
