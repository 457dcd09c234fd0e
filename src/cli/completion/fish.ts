import { type CommandWords, type CompletionWords, topics, valued } from './words.js';

export function fishCompletion(words: CompletionWords): string {
  const known = topics(words);
  return `# fish completion for tsmachine: put it into ~/.config/fish/completions/tsmachine.fish
function __tsmachine_names
    set -l flags --machine
    contains -- (__tsmachine_command) ${withoutShort(words)}; or set -a flags -m
    set -l option
    set -l previous
    for word in (commandline -opc)
        contains -- "$previous" $flags; and set option -m $word
        set previous $word
    end
    tsmachine __complete $argv[1] $option 2>/dev/null
end
function __tsmachine_command
    set -l found
    set -l skip
    for word in (commandline -opc)[2..-1]
        if test -n "$skip"
            set skip
            continue
        end
        if string match -q -- '-*' $word
            contains -- $word -s --storage-path; and set skip 1
            continue
        end
        set -a found $word
        if not contains -- "$found" ${[...known.keys()].map((topic) => `"${topic}"`).join(' ')}
            break
        end
    end
    string join ' ' $found
end
function __tsmachine_is
    set -l command (__tsmachine_command)
    test "$command" = "$argv[1]"
end
# What the next argument of the command names: COMMAND KINDS VALUED-FLAGS…; nothing where it names nothing.
function __tsmachine_argument
    __tsmachine_is $argv[1]; or return 1
    set -l kinds (string split ' ' -- $argv[2])
    set -l at (math 1 - (count (string split ' ' -- $argv[1])))
    set -l skip
    for word in (commandline -opc)[2..-1]
        if test -n "$skip"
            set skip
        else if string match -q -- '-*' $word
            contains -- $word -s --storage-path $argv[3..-1]; and set skip 1
        else
            set at (math $at + 1)
        end
    end
    test -z "$skip"; or return 1
    set -l kind $kinds[$at]
    if test -z "$kind"; and string match -q -- '*+' $kinds[-1]
        set kind $kinds[-1]
    end
    set kind (string trim -r -c + -- "$kind")
    test -n "$kind" -a "$kind" != other; and echo $kind
end
complete -c tsmachine -n '__tsmachine_is ""' -f
${words.commands.map((command) => ofCommand(command, words)).join('')}`;
}

/** On which -m is the memory. */
function withoutShort({ commands }: CompletionWords): string {
  const other = commands.filter(({ flags }) =>
    flags.some(({ spellings, kind }) => spellings.includes('-m') && kind !== 'machines'),
  );
  return other.map(({ name }) => `"${name}"`).join(' ');
}

function ofCommand(command: CommandWords, words: CompletionWords): string {
  const { name, summary, flags, kinds, repeats } = command;
  const parts = name.split(' ');
  const here = `complete -c tsmachine -n '__tsmachine_is "${name}"'`;
  const lines = parts.map((part, at) => {
    const said = at === parts.length - 1 ? ` -d '${summary}'` : '';
    return `complete -c tsmachine -n '__tsmachine_is "${parts.slice(0, at).join(' ')}"' -f -a ${part}${said}`;
  });
  for (const { spellings, kind, takesValue } of flags) {
    const written = spellings.map(
      (flag) => `${flag.startsWith('--') ? '-l' : '-s'} ${flag.replace(/^-+/, '')}`,
    );
    lines.push(`${here} ${written.join(' ')}${valueOfFlag(spellings, kind, takesValue, words)}`);
  }
  if (kinds.some((kind) => kind !== 'other')) {
    const argument = `__tsmachine_argument "${name}" "${kinds.join(' ')}${repeats ? '+' : ''}" ${valued(command).join(' ')}`;
    lines.push(`complete -c tsmachine -n '${argument} >/dev/null' -f -a '(__tsmachine_names (${argument}))'`);
  }
  return `${lines.join('\n')}\n`;
}

function valueOfFlag(
  spellings: readonly string[],
  kind: string | undefined,
  takesValue: boolean,
  { drivers }: CompletionWords,
): string {
  if (spellings.includes('--driver')) return ` -x -a '${drivers.join(' ')}'`;
  if (kind === 'volumes') return ` -r -a '(__tsmachine_names volumes)'`;
  if (kind !== undefined) return ` -x -a '(__tsmachine_names ${kind})'`;
  return takesValue ? ' -r' : '';
}
