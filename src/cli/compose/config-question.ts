/** What `compose config` was asked for. */
export interface ConfigQuestion {
  readonly format: 'yaml' | 'json';
  readonly services: boolean;
  readonly volumes: boolean;
  readonly images: boolean;
  readonly profiles: boolean;
  readonly environment: boolean;
  readonly variables: boolean;
  readonly hash: string | undefined;
}

export interface ConfigAnswer {
  readonly text: string;
  /** For `--json`. */
  readonly json: unknown;
}

/** Names or hashes instead of the whole project: env files need not be there. */
export function asksForNames(question: ConfigQuestion): boolean {
  const { services, volumes, images, profiles, environment, variables, hash } = question;
  return services || volumes || images || profiles || environment || variables || hash !== undefined;
}
