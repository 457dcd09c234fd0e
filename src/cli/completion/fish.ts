import { type CommandWords, type CompletionWords, topics } from './words.js';

export function fishCompletion(words: CompletionWords): string {
  const known = topics(words);
  return `# fish completion for tsmachine: put it into ~/.config/fish/completions/tsmachine.fish
function __tsmachine_machines
    tsmachine __complete machines 2>/dev/null
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
        if not contains -- $found[1] ${[...known.keys()].join(' ')}; or test (count $found) -eq 2
            break
        end
    end
    string join ' ' $found
end
function __tsmachine_is
    set -l command (__tsmachine_command)
    test "$command" = "$argv[1]"
end
complete -c tsmachine -n '__tsmachine_is ""' -f
complete -c tsmachine -l machine -s m -x -a '(__tsmachine_machines)'
${words.commands.map((command) => ofCommand(command, words)).join('')}`;
}

function ofCommand({ name, summary, flags, takesMachines }: CommandWords, words: CompletionWords): string {
  const [first = '', second] = name.split(' ');
  const here = `complete -c tsmachine -n '__tsmachine_is "${name}"'`;
  const lines = [
    `complete -c tsmachine -n '__tsmachine_is "${second ? first : ''}"' -f -a ${second ?? first} -d '${summary}'`,
  ];
  if (second) lines.push(`complete -c tsmachine -n '__tsmachine_is ""' -f -a ${first}`);
  for (const flag of flags) {
    const values = flag === '--driver' ? ` -x -a '${words.drivers.join(' ')}'` : '';
    lines.push(`${here} ${flag.startsWith('--') ? '-l' : '-s'} ${flag.replace(/^-+/, '')}${values}`);
  }
  if (takesMachines) lines.push(`${here} -f -a '(__tsmachine_machines)'`);
  return `${lines.join('\n')}\n`;
}
