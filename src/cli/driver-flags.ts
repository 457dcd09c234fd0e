import { Flags, type Interfaces } from '@oclif/core';
import type { AnyDriverDefinition } from '../drivers/driver.js';
import { type DriverOption, flagName } from '../drivers/options.js';
import type { GivenSecrets } from '../machine/secrets/secret-readers.js';
import type { JsonObject, JsonValue } from '../shared/json.js';

type OclifFlag = Interfaces.FlagInput[string];

/** The driver that `create` is to use: named in argv, else in the environment, else the sandbox. */
export function chosenDriver(argv: readonly string[], environment: NodeJS.ProcessEnv): string {
  return (
    namedDriver(argv) ?? (environment['TSMACHINE_DRIVER'] || environment['MACHINE_DRIVER'] || defaultDriver)
  );
}

export const defaultDriver = 'sandbox';

/** The driver's options as flags, with their aliases and with defaults from the environment. */
export function driverFlags(
  definition: AnyDriverDefinition,
  environment: NodeJS.ProcessEnv,
): Interfaces.FlagInput {
  const entries = Object.entries(definition.options).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(
    entries.map(([key, option]) => [
      flagName(definition.name, key),
      flagOf(option, definition.name, environment),
    ]),
  );
}

/** What the driver takes when no flag is given; undefined where it needs one. */
export function defaultOptions(
  definition: AnyDriverDefinition,
  environment: NodeJS.ProcessEnv,
): JsonObject | undefined {
  const flags = driverFlags(definition, environment);
  if (Object.values(flags).some(({ required }) => required)) return undefined;
  const defaults = Object.entries(flags).map(([name, flag]) => [name, flag.default] as const);
  return driverOptions(definition, Object.fromEntries(defaults));
}

/** What was parsed by `driverFlags`, in the driver's own keys; without secrets. */
export function driverOptions(
  definition: AnyDriverDefinition,
  flags: Readonly<Record<string, unknown>>,
): JsonObject {
  const open = Object.entries(definition.options).filter(([, { secret }]) => !secret);
  const entries = open.map(([key, option]) => {
    const value = flags[flagName(definition.name, key)];
    return [key, value === undefined ? emptyValue(option) : jsonValue(value)] as const;
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** What was given by flags for options that are secrets; what the environment gives is read when it is needed. */
export function driverSecrets(
  definition: AnyDriverDefinition,
  flags: Readonly<Record<string, unknown>>,
): GivenSecrets {
  const entries = Object.entries(definition.options).flatMap(([key, { secret }]) => {
    const value = flags[flagName(definition.name, key)];
    return secret && typeof value === 'string' ? [[key, value]] : [];
  });
  return Object.fromEntries(entries);
}

/** The one that argv names. */
export function namedDriver(argv: readonly string[]): string | undefined {
  for (const [index, word] of argv.entries()) {
    if (word === '--') return undefined;
    if (word === '--driver' || word === '-d') return argv[index + 1];
    if (word.startsWith('--driver=')) return word.slice('--driver='.length);
    if (/^-d[^-]/.test(word)) return word.slice(2).replace(/^=/, '');
  }
  return undefined;
}

function flagOf(option: DriverOption, driver: string, environment: NodeJS.ProcessEnv): OclifFlag {
  // The default of a secret would be shown by --help.
  const env = option.secret ? undefined : option.env?.find((name) => environment[name]);
  const given = env === undefined ? undefined : environment[env];
  const base = {
    description: described(option),
    aliases: [...(option.aliases ?? [])],
    helpGroup: `${driver.toUpperCase()} DRIVER`,
  };
  switch (option.type) {
    case 'boolean':
      return Flags.boolean({ ...base, default: ['1', 't', 'true'].includes((given ?? '').toLowerCase()) });
    case 'list':
      return Flags.string({
        ...base,
        multiple: true,
        multipleNonGreedy: true,
        ...(given && { default: given.split(',') }),
      });
    case 'integer': {
      const fallback = given === undefined || !/^-?\d+$/.test(given) ? option.default : Number(given);
      return Flags.integer({ ...base, ...(fallback !== undefined && { default: fallback }) });
    }
    case 'string': {
      const fallback = given ?? option.default;
      const required = option.required === true && fallback === undefined;
      return Flags.string({ ...base, required, ...(fallback !== undefined && { default: fallback }) });
    }
  }
}

function described({ description, env }: DriverOption): string {
  return env?.length ? `${description} [env: ${env.join(', ')}]` : description;
}

function emptyValue(option: DriverOption): JsonValue | undefined {
  if (option.type === 'boolean') return false;
  return option.type === 'list' ? [] : undefined;
}

/** Flags are strings, numbers, booleans and lists of strings, all of them JSON. */
function jsonValue(value: unknown): JsonValue {
  return value as JsonValue;
}
