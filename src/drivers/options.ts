interface OptionBase {
  readonly description: string;
  /** Environment variables that give a default, the first that is set. */
  readonly env?: readonly string[];
  /** Other full flag names for the same option, such as docker-machine's "generic-ssh-user". */
  readonly aliases?: readonly string[];
  /** Goes to the secret store, never into a record; the driver reads it from its context's `secrets`. */
  readonly secret?: true;
}

/** One setting of a driver; `flagName` says which flag it becomes. */
export type DriverOption = OptionBase &
  (
    | { readonly type: 'string'; readonly default?: string; readonly required?: true }
    | { readonly type: 'integer'; readonly default?: number }
    | { readonly type: 'boolean' }
    | { readonly type: 'list' }
  );

export type DriverOptions = Readonly<Record<string, DriverOption>>;

type OptionValue<O extends DriverOption> = O extends { type: 'string' }
  ? string
  : O extends { type: 'integer' }
    ? number
    : O extends { type: 'boolean' }
      ? boolean
      : readonly string[];

type Given<O extends DriverOption> = O extends
  | { default: unknown }
  | { required: true }
  | { type: 'boolean' | 'list' }
  ? OptionValue<O>
  : OptionValue<O> | undefined;

/** What `create` receives: undefined only where the schema gives neither a default nor `required`. */
export type OptionValues<S extends DriverOptions> = { readonly [K in keyof S]: Given<S[K]> };

/** Option `memory` of driver `sandbox` is the flag `sandbox-memory`; `ssh-host` of driver `ssh` is `ssh-host`. */
export function flagName(driver: string, key: string): string {
  return key.startsWith(`${driver}-`) ? key : `${driver}-${key}`;
}
