import type { Interfaces } from '@oclif/core';

/** What can be written behind a command. */
export interface CommandWords {
  /** "create", "container ls". */
  readonly name: string;
  readonly summary: string;
  /** With their dashes. */
  readonly flags: readonly string[];
  /** Its arguments are names of machines. */
  readonly takesMachines: boolean;
}

export interface CompletionWords {
  readonly commands: readonly CommandWords[];
  readonly drivers: readonly string[];
}

/** Of all commands that are not hidden, sorted. */
export function completionWords(config: Interfaces.Config, drivers: readonly string[]): CompletionWords {
  const commands = config.commands
    .filter(({ hidden }) => !hidden)
    .map((command) => ({
      name: command.id.replaceAll(':', ' '),
      summary: plain(command.summary ?? ''),
      flags: Object.entries(command.flags).flatMap(([name, flag]) =>
        flag.hidden ? [] : spellings(name, flag.char),
      ),
      takesMachines: Object.values(command.args).some(({ description }) =>
        /^machines?\b/.test(description ?? ''),
      ),
    }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  return { commands, drivers };
}

/** First words: commands and topics. */
export function firstWords({ commands }: CompletionWords): readonly string[] {
  return [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))];
}

/** Topic → its commands. */
export function topics({ commands }: CompletionWords): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { name } of commands) {
    const [topic = '', command] = name.split(' ');
    if (command !== undefined) found.set(topic, [...(found.get(topic) ?? []), command]);
  }
  return found;
}

function spellings(name: string, char: string | undefined): readonly string[] {
  return char === undefined ? [`--${name}`] : [`--${name}`, `-${char}`];
}

/** Within single quotes of any shell. */
function plain(text: string): string {
  return text.replace(/['\\]/g, '’').replace(/\s+/g, ' ');
}
