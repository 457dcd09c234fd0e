import { type CompletionWords, firstWords, topics } from './words.js';

/**
 * What bash and zsh have in common: a function that sets `words_found` from `before` (what stands before the cursor,
 * an array) and `current`; `files_too` says that file names are welcome.
 */
function commonFunction(words: CompletionWords): string {
  const topicCases = [...topics(words)].map(
    ([topic, names]) => `    ${topic}) words_found='${names.join(' ')}' ;;`,
  );
  const flagCases = words.commands.map(
    ({ name, flags }) => `    '${name}') words_found='${flags.join(' ')}' ;;`,
  );
  const machines = words.commands.filter(({ takesMachines }) => takesMachines).map(({ name }) => `'${name}'`);
  const topicNames = [...topics(words).keys()].join('|') || 'no-topic';
  return `__tsmachine_words() {
  local word previous= command= skip=
  words_found= files_too=
  for word in "\${before[@]}"; do
    previous=$word
    if [ -n "$skip" ]; then skip=; continue; fi
    case $word in
      -s|--storage-path) skip=1 ;;
      -*) ;;
      *)
        case $command in
          '') command=$word ;;
          ${topicNames}) command="$command $word" ;;
        esac ;;
    esac
  done
  case $previous in
    -d|--driver) words_found='${words.drivers.join(' ')}'; return ;;
    -m|--machine) words_found=$(tsmachine __complete machines 2>/dev/null); return ;;
    --shell) words_found='bash zsh sh fish powershell cmd tcsh emacs'; return ;;
    --for) words_found='ssh engine state=running state=stopped'; return ;;
  esac
  case $command in
    '') words_found='${firstWords(words).join(' ')}'; return ;;
${topicCases.join('\n')}
  esac
  [ -z "$words_found" ] || return 0
  case $current in
    -*)
      case $command in
${flagCases.map((line) => `    ${line}`).join('\n')}
      esac
      return ;;
  esac
  case $command in
    scp|mount) files_too=1; words_found=$(tsmachine __complete machines 2>/dev/null | sed 's/$/:/') ;;
    completion) words_found='bash zsh fish' ;;
    ${machines.join('|')}) words_found=$(tsmachine __complete machines 2>/dev/null) ;;
    *) files_too=1 ;;
  esac
}
`;
}

export function bashCompletion(words: CompletionWords): string {
  return `# bash completion for tsmachine: source it, or put it into /etc/bash_completion.d
${commonFunction(words)}
_tsmachine() {
  local words_found files_too current=\${COMP_WORDS[COMP_CWORD]}
  local -a before=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
  __tsmachine_words
  COMPREPLY=($(compgen -W "$words_found" -- "$current"))
  [ -z "$files_too" ] || COMPREPLY+=($(compgen -f -- "$current"))
}
complete -F _tsmachine tsmachine
`;
}

export function zshCompletion(words: CompletionWords): string {
  return `#compdef tsmachine
# zsh completion for tsmachine: put it into a directory of $fpath as _tsmachine, or source it after compinit
${commonFunction(words)}
_tsmachine() {
  local words_found files_too current=\${words[CURRENT]}
  local -a before=("\${(@)words[2,CURRENT-1]}")
  __tsmachine_words
  compadd -- \${=words_found}
  [ -z "$files_too" ] || _files
}
if [ "$funcstack[1]" = _tsmachine ]; then _tsmachine "$@"; else compdef _tsmachine tsmachine; fi
`;
}
