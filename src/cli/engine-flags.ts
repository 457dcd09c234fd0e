import { Flags } from '@oclif/core';
import type { EngineOptions, EngineProxies } from '../machine/store/record.js';
import { TsmachineError } from '../shared/errors.js';
import { repeatable } from './flags.js';

const refused = (description: string) =>
  Flags.string({ hidden: true, multiple: true, multipleNonGreedy: true, description });

/** docker-machine's flags of `create` for all drivers. */
export const engineFlags = {
  'tls-san': repeatable('one more name or address for the certificate'),
  'engine-label': repeatable('label of the engine, KEY=VALUE'),
  'engine-insecure-registry': repeatable('registry to trust without TLS'),
  'engine-registry-mirror': repeatable('mirror of Docker Hub to pull from [env: ENGINE_REGISTRY_MIRROR]'),
  'engine-opt': repeatable(
    'label, insecure-registry, registry-mirror, storage-driver or userns-remap, as KEY=VALUE',
  ),
  'engine-storage-driver': Flags.string({ description: 'overlay2, which is the only one' }),
  'engine-env': repeatable('proxy of the engine: HTTP_PROXY, HTTPS_PROXY or NO_PROXY, as NAME=VALUE'),
  'engine-install-url': refused('refused'),
  ...swarmFlags(),
};

/** Of `env` and `config`. */
export const swarmFlag = Flags.boolean({
  hidden: true,
  description: "docker-machine's: of the swarm's master",
});

interface EngineFlags {
  readonly 'tls-san': readonly string[] | undefined;
  readonly 'engine-label': readonly string[] | undefined;
  readonly 'engine-insecure-registry': readonly string[] | undefined;
  readonly 'engine-registry-mirror': readonly string[] | undefined;
  readonly 'engine-opt': readonly string[] | undefined;
  readonly 'engine-storage-driver': string | undefined;
  readonly 'engine-env': readonly string[] | undefined;
}

/** Throws OPTION_NOT_SUPPORTED for what the agent has no counterpart of. */
export function engineOptions(
  flags: EngineFlags & Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
): EngineOptions {
  refuse(flags);
  const options = (flags['engine-opt'] ?? []).map(parseEngineOption);
  const of = (key: string) => options.filter((option) => option.key === key).map(({ value }) => value);
  const drivers = [
    ...(flags['engine-storage-driver'] ? [flags['engine-storage-driver']] : []),
    ...of('storage-driver'),
  ];
  const other = drivers.find((driver) => !['overlay2', 'overlay'].includes(driver));
  if (other !== undefined) throw notSupported(`storage driver "${other}"`, 'the agent uses overlayfs');
  const remap = of('userns-remap').at(-1);
  const mirror = environment['ENGINE_REGISTRY_MIRROR'];
  return {
    port: 2376,
    labels: [...(flags['engine-label'] ?? []), ...of('label')],
    insecureRegistries: [...(flags['engine-insecure-registry'] ?? []), ...of('insecure-registry')],
    registryMirrors: [
      ...(flags['engine-registry-mirror'] ?? (mirror ? [mirror] : [])),
      ...of('registry-mirror'),
    ],
    ...(flags['engine-env'] && { proxies: proxiesOf(flags['engine-env']) }),
    tlsSans: flags['tls-san'] ?? [],
    ...(remap && { usernsRemap: remap }),
  };
}

/** In docker-machine's words. */
export function noSwarmMaster(name: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'NO_SWARM_MASTER',
    `"${name}" is not a swarm master. The --swarm flag is intended for use with swarm masters`,
  );
}

const knownOptions = ['label', 'insecure-registry', 'registry-mirror', 'storage-driver', 'userns-remap'];

function parseEngineOption(text: string): { readonly key: string; readonly value: string } {
  const [, key = text, value = ''] = /^(?:--)?([^=\s]+)[=\s](.*)$/s.exec(text) ?? [];
  if (!knownOptions.includes(key)) {
    throw notSupported(
      `--engine-opt ${key}`,
      `the agent is not dockerd; it takes ${knownOptions.join(', ')}`,
    );
  }
  return { key, value };
}

const proxyVariables = new Map([
  ['HTTP_PROXY', 'httpProxy'],
  ['HTTPS_PROXY', 'httpsProxy'],
  ['NO_PROXY', 'noProxy'],
]);

/** The later of two that are the same wins, as in an environment. */
function proxiesOf(variables: readonly string[]): EngineProxies {
  return Object.fromEntries(variables.map(proxyOf));
}

function proxyOf(text: string): readonly [string, string] {
  const [, name = text, value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  const key = proxyVariables.get(name.toUpperCase());
  if (key === undefined) {
    throw notSupported(`--engine-env ${name}`, `the agent takes ${[...proxyVariables.keys()].join(', ')}`);
  }
  if (URL.parse(value)?.password) throw passwordOfProxy(name);
  return [key, value];
}

function refuse(flags: Readonly<Record<string, unknown>>): void {
  if (flags['engine-install-url'] !== undefined) {
    throw notSupported('--engine-install-url', 'no engine is installed, the agent is sent over SSH');
  }
  const swarm = Object.keys(swarmFlags()).find((name) => flags[name] !== undefined && flags[name] !== false);
  if (swarm !== undefined)
    throw notSupported(`--${swarm}`, 'the standalone swarm of docker-machine is retired');
}

function swarmFlags() {
  const hidden = { hidden: true, description: 'refused' } as const;
  return {
    swarm: Flags.boolean(hidden),
    'swarm-master': Flags.boolean(hidden),
    'swarm-experimental': Flags.boolean(hidden),
    'swarm-image': Flags.string(hidden),
    'swarm-discovery': Flags.string(hidden),
    'swarm-strategy': Flags.string(hidden),
    'swarm-host': Flags.string(hidden),
    'swarm-addr': Flags.string(hidden),
    'swarm-opt': refused('refused'),
    'swarm-join-opt': refused('refused'),
  };
}

/** A machine's record holds no secrets. */
function passwordOfProxy(name: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'PROXY_PASSWORD_REFUSED',
    `--engine-env ${name} has a password, which would be kept in the machine's record`,
    { hints: [`Give the agent's service ${name} on the host: systemctl edit tsmachine-agent`] },
  );
}

function notSupported(what: string, why: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'OPTION_NOT_SUPPORTED', `${what} is not supported: ${why}`);
}
