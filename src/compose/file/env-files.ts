import { parseDotenv, type Variables } from './dotenv.js';
import type { Lookup } from './template.js';

interface EnvFileContext {
  readonly lookup: Lookup;
  readonly warn: (message: string) => void;
  readonly readText: (file: string) => Promise<string>;
}

/** The variables of several env files; a later file comes before an earlier one, and can use what that says. */
export async function readEnvFiles(files: readonly string[], context: EnvFileContext): Promise<Variables> {
  const found = new Map<string, string>();
  for (const file of files) {
    const substitution = {
      lookup: (name: string) => context.lookup(name) ?? found.get(name),
      unset: (name: string) =>
        context.warn(`The "${name}" variable is not set. Defaulting to a blank string.`),
    };
    const variables = parseDotenv(await context.readText(file), file, substitution);
    for (const [name, value] of variables) found.set(name, value);
  }
  return found;
}
