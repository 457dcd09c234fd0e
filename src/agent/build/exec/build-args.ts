import type { ImageRunConfig } from '../../image/image-config.js';

/** Taken without ARG, and in no history (docs.docker.com, Dockerfile reference, "Predefined ARGs"). */
const predefined: ReadonlySet<string> = new Set(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [
    name,
    name.toLowerCase(),
  ]),
);

export type DeclaredArgs = ReadonlyMap<string, string | undefined>;

/** The variables of ARG in one stage. */
export class BuildArgs {
  readonly #given: ReadonlyMap<string, string>;
  readonly #global: ReadonlyMap<string, string>;
  readonly #declared = new Map<string, string | undefined>();

  /** `given` are the client's, `global` those before the first FROM. */
  constructor(given: ReadonlyMap<string, string>, global: ReadonlyMap<string, string>) {
    this.#given = given;
    this.#global = global;
  }

  declare(name: string, value: string | undefined): void {
    this.#declared.set(name, this.#given.get(name) ?? value ?? this.#global.get(name));
  }

  /** With their values, for a stage that begins with this one. */
  get declared(): DeclaredArgs {
    return this.#declared;
  }

  /** Of the stage that this one begins with. */
  inherit(declared: DeclaredArgs): void {
    for (const [name, value] of declared) this.#declared.set(name, value);
  }

  /** For the replacing of variables: those of the image win. */
  variables(config: ImageRunConfig): ReadonlyMap<string, string> {
    const args = [...this.#declared].filter((arg): arg is [string, string] => arg[1] !== undefined);
    return new Map([...this.#proxies(), ...args, ...environment(config)]);
  }

  /** NAME=value for a command, but for what the image sets itself. */
  forCommand(config: ImageRunConfig): { readonly env: readonly string[]; readonly shown: readonly string[] } {
    const own = new Map(environment(config));
    const declared = [...this.#declared].filter(([name, value]) => value !== undefined && !own.has(name));
    const shown = declared.map(([name, value]) => `${name}=${value}`).sort();
    const proxies = this.#proxies().filter(([name]) => !own.has(name) && !this.#declared.has(name));
    return { env: [...proxies.map(([name, value]) => `${name}=${value}`), ...shown], shown };
  }

  #proxies(): readonly (readonly [string, string])[] {
    return [...this.#given].filter(([name]) => predefined.has(name));
  }
}

export function isPredefined(name: string): boolean {
  return predefined.has(name);
}

function environment(config: ImageRunConfig): [string, string][] {
  return (config.Env ?? []).map((entry) => {
    const equals = entry.indexOf('=');
    return equals < 0 ? [entry, ''] : [entry.slice(0, equals), entry.slice(equals + 1)];
  });
}
