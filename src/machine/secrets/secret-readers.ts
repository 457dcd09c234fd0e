import type { AnyDriverDefinition, SecretReader } from '../../drivers/driver.js';
import type { SecretVault } from '../../secrets/secret-vault.js';
import type { MachineRecord } from '../store/record.js';

/** Secrets by the driver's own option names. */
export type GivenSecrets = Readonly<Record<string, string>>;

interface Sources {
  readonly secrets: SecretVault;
  readonly environment: NodeJS.ProcessEnv;
}

/** What the user gave for the machine; else what the environment says now, which is never kept. */
export function secretsOf(
  sources: Sources,
  machine: Pick<MachineRecord, 'secrets'>,
  definition: AnyDriverDefinition,
): SecretReader {
  return {
    async get(option) {
      const reference = machine.secrets?.[option];
      const kept = reference === undefined ? undefined : await sources.secrets.get(reference);
      return kept ?? fromEnvironment(sources, definition, option);
    },
  };
}

/** Of a machine that has no record yet. */
export function secretsGiven(
  sources: Pick<Sources, 'environment'>,
  given: GivenSecrets,
  definition: AnyDriverDefinition,
): SecretReader {
  return { get: async (option) => given[option] ?? fromEnvironment(sources, definition, option) };
}

function fromEnvironment(
  { environment }: Pick<Sources, 'environment'>,
  definition: AnyDriverDefinition,
  option: string,
): string | undefined {
  const variable = definition.options[option]?.env?.find((name) => environment[name]);
  return variable === undefined ? undefined : environment[variable];
}
