declare const shellCommand: unique symbol;
/** Text that is safe to hand to a remote POSIX shell; only `sh` and `rawCommand` make one. */
export type ShellCommand = string & { readonly [shellCommand]: true };

type Word = string | number | readonly string[] | ShellFragment;
interface ShellFragment {
  readonly fragment: ShellCommand;
}

/** sh`cat ${path}` quotes every value; an array becomes several words; `fragment(command)` is put in as it is. */
export function sh(text: TemplateStringsArray, ...words: readonly Word[]): ShellCommand {
  return text.reduce(
    (command, piece, index) => `${command}${quoteAny(words[index - 1])}${piece}`,
  ) as ShellCommand;
}

/** A command of the user's own, not to be quoted (what `ssh HOST command…` sends). */
export function rawCommand(text: string): ShellCommand {
  return text as ShellCommand;
}

export function fragment(command: ShellCommand): ShellFragment {
  return { fragment: command };
}

export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function quoteAny(word: Word | undefined): string {
  if (word === undefined) return '';
  if (typeof word === 'number') return String(word);
  if (typeof word === 'string') return quote(word);
  if ('fragment' in word) return word.fragment;
  return word.map(quote).join(' ');
}
