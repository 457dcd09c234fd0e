import {
  dockerEnvironment,
  dockerVariableNames,
  type Variable,
} from '../machine/engine/docker-environment.js';
import {
  activeMachine,
  defaultMachine,
  machineAddress,
  machineUrl,
  readRecord,
} from '../machine/store/access.js';
import { TsmachineError } from '../shared/errors.js';
import { version } from '../shared/version.js';
import { detectShell, setVariables, unsetVariables, usageHint } from './shells.js';

// What `env`, `url`, `ip`, `active` and `--version` print. The commands and the fast path in front of oclif both take
// it from here; nothing that is costly to load may be imported.

export interface EnvRequest {
  readonly storage: string;
  readonly name: string | undefined;
  readonly shell: string | undefined;
  readonly unset: boolean;
  readonly noProxy: boolean;
  /** What was typed behind the program's name, for the hint. */
  readonly argv: readonly string[];
}

/** The environment of this process; a value, so that tests need not change the real one. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

/** Shell code. Throws MACHINE_NOT_FOUND, MACHINE_NAME_MISSING, MACHINE_NOT_RUNNING, MACHINE_NOT_READY. */
export function envAnswer(request: EnvRequest, around: Surroundings): string {
  const shell = request.shell ?? detectShell(around.environment, around.platform);
  const hint = usageHint(shell, ['tsmachine', ...request.argv]);
  if (!request.unset) return `${setVariables(shell, envVariables(request, around))}${hint}`;
  if (request.name !== undefined) throw nameWithUnset();
  return `${unsetVariables(shell, unsetNames(request, around))}${hint}`;
}

export function envVariables(
  request: Pick<EnvRequest, 'storage' | 'name' | 'noProxy'>,
  around: Surroundings,
): readonly Variable[] {
  const { storage, noProxy } = request;
  const name = request.name ?? defaultMachine(storage, around.environment);
  return dockerEnvironment(storage, readRecord(storage, name), { ...around, noProxy });
}

export function unsetNames(request: Pick<EnvRequest, 'noProxy'>, around: Surroundings): readonly string[] {
  return dockerVariableNames({ ...around, noProxy: request.noProxy });
}

export function urlAnswer(storage: string, name: string): string {
  return machineUrl(storage, readRecord(storage, name));
}

export function ipAnswer(storage: string, name: string): string {
  return machineAddress(storage, readRecord(storage, name));
}

export function activeAnswer(storage: string, environment: NodeJS.ProcessEnv): string {
  return activeMachine(storage, environment);
}

export function versionAnswer(): string {
  return `tsmachine version ${version}`;
}

function nameWithUnset(): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'UNSET_TAKES_NO_NAME',
    'Error: Expected no machine name when the -u flag is present',
  );
}
