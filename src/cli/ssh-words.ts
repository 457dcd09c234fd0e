import { rawCommand, type ShellCommand } from '../ssh/command.js';
import { type PortForward, parsePortForward } from './port-forwards.js';

export interface SshWords {
  /** -t */
  readonly terminal: boolean;
  /** -N: ports are forwarded, and nothing is run. */
  readonly portsOnly: boolean;
  /** -L */
  readonly forwards: readonly PortForward[];
  /** For the remote shell, as ssh sends it: the words joined by spaces; undefined for the login shell. */
  readonly command: ShellCommand | undefined;
}

/** The words behind the machine's name; undefined for what only the ssh program can do. Throws FORWARD_INVALID. */
export function parseSshWords(words: readonly string[]): SshWords | undefined {
  const left = [...words];
  const options = { terminal: false, portsOnly: false, forwards: [] as PortForward[] };
  for (let word = left[0]; word?.startsWith('-'); word = left[0]) {
    left.shift();
    if (word === '--') break;
    if (word === '-t' || word === '-tt') options.terminal = true;
    else if (word === '-N') options.portsOnly = true;
    else if (word.startsWith('-L'))
      options.forwards.push(parsePortForward(word.slice(2) || (left.shift() ?? '')));
    else if (!meaningless.includes(word)) return undefined;
  }
  return { ...options, command: joined(left) };
}

/** Compression, fewer words and no terminal: nothing is lost without them. */
const meaningless = ['-C', '-q', '-T'];

function joined(words: readonly string[]): ShellCommand | undefined {
  return words.length > 0 ? rawCommand(words.join(' ')) : undefined;
}
