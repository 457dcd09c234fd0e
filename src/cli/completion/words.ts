import type { Interfaces } from '@oclif/core';
import { type ArgumentKind, type ArgumentKinds, argumentKinds, flagKinds } from './argument-kinds.js';

/** What can be written behind a command. */
export interface CommandWords extends ArgumentKinds {
  /** "create", "container ls". */
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly FlagWords[];
}

export interface FlagWords {
  /** With their dashes: "--machine", "-m". */
  readonly spellings: readonly string[];
  readonly takesValue: boolean;
  /** What its value names. */
  readonly kind?: ArgumentKind;
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
      flags: Object.entries(command.flags).flatMap(([name, { hidden, char, type }]) =>
        hidden ? [] : [flagWords(name, char, type === 'option')],
      ),
      ...argumentKinds(command.id, Object.values(command.args)),
    }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  return { commands, drivers };
}

function flagWords(name: string, char: string | undefined, takesValue: boolean): FlagWords {
  const spellings = char === undefined ? [`--${name}`] : [`--${name}`, `-${char}`];
  const kind = takesValue ? flagKinds[name] : undefined;
  return kind === undefined ? { spellings, takesValue } : { spellings, takesValue, kind };
}

/** First words: commands and topics. */
export function firstWords({ commands }: CompletionWords): readonly string[] {
  return [...new Set(commands.map(({ name }) => name.split(' ')[0] ?? ''))];
}

/** Topic, such as "image" or "image policy" → the words that can follow. */
export function topics({ commands }: CompletionWords): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const { name } of commands) {
    const words = name.split(' ');
    for (const [at, word] of words.entries()) {
      if (at === 0) continue;
      const topic = words.slice(0, at).join(' ');
      found.set(topic, (found.get(topic) ?? new Set()).add(word));
    }
  }
  return new Map([...found].map(([topic, names]) => [topic, [...names]]));
}

/** All spellings of the flags that take a value. */
export function valued({ flags }: CommandWords): readonly string[] {
  return flags.flatMap(({ spellings, takesValue }) => (takesValue ? spellings : []));
}

/** Within single quotes of any shell. */
function plain(text: string): string {
  return text.replace(/['\\]/g, '’').replace(/\s+/g, ' ');
}
