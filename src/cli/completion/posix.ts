import { type CommandWords, type CompletionWords, firstWords, topics, valued } from './words.js';

/**
 * What bash and zsh have in common: a function that sets `words_found` from `before` (what stands before the cursor,
 * an array) and `current`; `files_too` says that file names are welcome.
 */
function commonFunction(words: CompletionWords): string {
  const known = topics(words);
  const topicCases = [...known].map(
    ([topic, names]) => `    '${topic}') words_found='${names.join(' ')}' ;;`,
  );
  const topicNames = [...known.keys()].map((topic) => `'${topic}'`).join('|');
  return `__tsmachine_names() {
  words_found=$(tsmachine __complete "$1" \${machine:+-m "$machine"} \${store:+-s "$store"} 2>/dev/null)
}
__tsmachine_command() {
  case $1 in
${words.commands.map(commandCase).join('\n')}
  esac
}
__tsmachine_words() {
  local word previous= command= skip= given=0 machine= store= flags= valued=' -s --storage-path ' kinds= named=
  words_found= files_too=
  for word in "\${before[@]}"; do
    if [ -n "$skip" ]; then
      case $named in *" $previous=machines "*) machine=$word ;; esac
      case $previous in -s|--storage-path) [ -n "$command" ] || store=$word ;; esac
      previous=$word skip=
      continue
    fi
    previous=$word
    case $word in
      -*) case $valued in *" $word "*) skip=1 ;; esac ;;
      *)
        case $command in
          '') command=$word; __tsmachine_command "$command" ;;
          ${topicNames}) command="$command $word"; __tsmachine_command "$command" ;;
          *) given=$((given + 1)) ;;
        esac ;;
    esac
  done
  if [ -n "$skip" ]; then
    case $previous in
      -d|--driver) words_found='${words.drivers.join(' ')}'; return ;;
      --shell) words_found='bash zsh sh fish powershell cmd tcsh emacs'; return ;;
      --for) words_found='ssh engine state=running state=stopped'; return ;;
    esac
    case $named in
      *" $previous=volumes "*) files_too=1; __tsmachine_names volumes ;;
      *" $previous="*) named=\${named#*" $previous="}; __tsmachine_names "\${named%% *}" ;;
      *) files_too=1 ;;
    esac
    return 0
  fi
  case $command in
    '') words_found='${firstWords(words).join(' ')}'; return ;;
${topicCases.join('\n')}
  esac
  [ -z "$words_found" ] || return 0
  case $current in
    -*) words_found=$flags; return ;;
  esac
  case $command in
    scp|mount) files_too=1; __tsmachine_names machines; words_found=$(printf '%s\\n' $words_found | sed 's/$/:/'); return ;;
    cp|'container cp') files_too=1; __tsmachine_names containers; words_found=$(printf '%s\\n' $words_found | sed 's/$/:/'); return ;;
    completion) words_found='bash zsh fish'; return ;;
  esac
  while [ $given -gt 0 ]; do
    case $kinds in
      *' '*) kinds=\${kinds#* } ;;
      *+) ;;
      *) kinds= ;;
    esac
    given=$((given - 1))
  done
  kinds=\${kinds%% *}
  case $kinds in
    ''|other*) files_too=1 ;;
    *) __tsmachine_names "\${kinds%+}" ;;
  esac
}
`;
}

/** Sets the flags of a command, those that take values, what the values name, and the kinds of its arguments. */
function commandCase(command: CommandWords): string {
  const { name, flags, kinds, repeats } = command;
  const named = flags.flatMap(({ kind, spellings }) =>
    kind ? spellings.map((spelling) => `${spelling}=${kind}`) : [],
  );
  const all = flags.flatMap(({ spellings }) => spellings);
  return `    '${name}')
      flags='${all.join(' ')}'
      valued=' ${valued(command).join(' ')} ' named=' ${named.join(' ')} ' kinds='${kinds.join(' ')}${repeats ? '+' : ''}' ;;`;
}

export function bashCompletion(words: CompletionWords): string {
  return `# bash completion for tsmachine: source it, or put it into /etc/bash_completion.d
${commonFunction(words)}
_tsmachine() {
  # Taken from the line: bash's own words end at colons, which names of images and files on machines have.
  local line=\${COMP_LINE:0:COMP_POINT} words_found files_too current=
  local -a before
  read -ra before <<< "$line"
  case $line in *[![:space:]]) current=\${before[\${#before[@]} - 1]}; unset "before[\${#before[@]} - 1]" ;; esac
  before=("\${before[@]:1}")
  __tsmachine_words
  COMPREPLY=($(compgen -W "$words_found" -- "$current"))
  [ -z "$files_too" ] || COMPREPLY+=($(compgen -f -- "$current"))
  case $COMP_WORDBREAKS in
    *:*) case $current in *:*) COMPREPLY=("\${COMPREPLY[@]#"\${current%"\${current##*:}"}"}") ;; esac ;;
  esac
}
complete -F _tsmachine tsmachine
`;
}

export function zshCompletion(words: CompletionWords): string {
  return `#compdef tsmachine
# zsh completion for tsmachine: put it into a directory of $fpath as _tsmachine, or source it after compinit
${commonFunction(words)}
_tsmachine() {
  setopt localoptions shwordsplit
  local words_found files_too current=\${words[CURRENT]}
  local -a before
  before=("\${(@)words[2,CURRENT-1]}")
  __tsmachine_words
  compadd -- $words_found
  [ -z "$files_too" ] || _files
}
if [ "$funcstack[1]" = _tsmachine ]; then _tsmachine "$@"; else compdef _tsmachine tsmachine; fi
`;
}
