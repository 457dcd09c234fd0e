/** Options before a compose command that have a value. */
const withValue = new Map([
  ...(['-f', '-p', '-m'] as const).map((short) => [short, longNames(short)] as const),
  ...[
    ...['--file', '--project-name', '--project-directory', '--profile', '--env-file', '--parallel'],
    ...['--progress', '--ansi', '--machine'],
  ].map((name) => [name, name] as const),
]);

const switches = ['--compatibility', '--dry-run', '--verbose', '--all-resources'];

/**
 * Puts the options that stand between `compose` and its command behind the command, with their long names:
 * `compose -f a.yaml logs -f` → `compose logs --file a.yaml -f`. Other command lines stay as they are.
 */
export function hoistComposeOptions(argv: readonly string[]): readonly string[] {
  const start = argv.indexOf('compose');
  if (start === -1 || argv.slice(0, start).some((word) => !word.startsWith('-'))) return argv;
  const options: string[] = [];
  let at = start + 1;
  for (; at < argv.length; at++) {
    const option = readOption(argv, at);
    if (option === undefined) break;
    options.push(...option);
    if (option.length === 2 && option[1] === argv[at + 1]) at++;
  }
  const command = argv[at];
  if (options.length === 0 || command === undefined || command.startsWith('-')) return argv;
  return [...argv.slice(0, start + 1), command, ...options, ...argv.slice(at + 1)];
}

/** The option with its long name, and its value if it has one. */
function readOption(argv: readonly string[], at: number): readonly string[] | undefined {
  const word = argv[at] ?? '';
  if (switches.includes(word)) return word === '--verbose' ? ['--debug'] : [word];
  const [name = '', value] = split(word);
  const long = withValue.get(name);
  if (long === undefined) return undefined;
  const given = value ?? argv[at + 1];
  return given === undefined ? undefined : [long, given];
}

/** `--file=a` and `-fa`. */
function split(word: string): readonly string[] {
  if (word.startsWith('--')) return /^(--[^=]+)=(.*)$/s.exec(word)?.slice(1) ?? [word];
  return word.length > 2 ? [word.slice(0, 2), word.slice(2).replace(/^=/, '')] : [word];
}

function longNames(short: '-f' | '-p' | '-m'): string {
  return { '-f': '--file', '-p': '--project-name', '-m': '--machine' }[short];
}
