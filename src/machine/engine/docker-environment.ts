import { machineAddress, machineUrl } from '../store/access.js';
import type { MachineRecord } from '../store/record.js';
import { machineDirectory } from '../store/storage.js';

export interface DockerEnvironmentOptions {
  /** Adds the machine to NO_PROXY, or to no_proxy when that one is set. */
  readonly noProxy: boolean;
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

export type Variable = readonly [name: string, value: string];

/** What makes docker, Compose and the SDKs work on the machine, in docker-machine's order. Throws as `machineUrl`. */
export function dockerEnvironment(
  storage: string,
  machine: MachineRecord,
  options: DockerEnvironmentOptions,
): readonly Variable[] {
  const overSsh = machine.sshUrl !== undefined;
  const variables: Variable[] = [
    // Empty rather than left out: the shell may have them of another machine.
    ['DOCKER_TLS_VERIFY', overSsh ? '' : '1'],
    ['DOCKER_HOST', machineUrl(storage, machine)],
    ['DOCKER_CERT_PATH', overSsh ? '' : machineDirectory(storage, machine.name)],
    ['DOCKER_MACHINE_NAME', machine.name],
    ['TSMACHINE_NAME', machine.name],
  ];
  if (options.platform === 'win32') variables.push(['COMPOSE_CONVERT_WINDOWS_PATHS', 'true']);
  if (options.noProxy) variables.push(noProxyVariable(machineAddress(storage, machine), options.environment));
  return variables;
}

/** The names that `env --unset` takes away again. */
export function dockerVariableNames(
  options: Pick<DockerEnvironmentOptions, 'noProxy' | 'environment' | 'platform'>,
): readonly string[] {
  const names = [
    'DOCKER_TLS_VERIFY',
    'DOCKER_HOST',
    'DOCKER_CERT_PATH',
    'DOCKER_MACHINE_NAME',
    'TSMACHINE_NAME',
  ];
  if (options.platform === 'win32') names.push('COMPOSE_CONVERT_WINDOWS_PATHS');
  if (options.noProxy) names.push(noProxyName(options.environment));
  return names;
}

function noProxyVariable(address: string, environment: NodeJS.ProcessEnv): Variable {
  const name = noProxyName(environment);
  const present = (environment[name] ?? '').split(',').filter((entry) => entry !== '');
  return [name, present.includes(address) ? present.join(',') : [...present, address].join(',')];
}

function noProxyName(environment: NodeJS.ProcessEnv): string {
  return environment['no_proxy'] ? 'no_proxy' : 'NO_PROXY';
}
