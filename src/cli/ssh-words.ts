import { TsmachineError } from '../shared/errors.js';
import { rawCommand, type ShellCommand } from '../ssh/command.js';

export interface SshWords {
  readonly terminal: boolean;
  /** For the remote shell, as ssh sends it: the words joined by spaces; undefined for the login shell. */
  readonly command: ShellCommand | undefined;
}

/** The words behind the machine's name. Throws OPTION_UNKNOWN for an option of the ssh program. */
export function parseSshWords(words: readonly string[]): SshWords {
  let terminal = false;
  for (const [index, word] of words.entries()) {
    if (word === '-t' || word === '-tt') terminal = true;
    else if (word === '--') return { terminal, command: joined(words.slice(index + 1)) };
    else if (word.startsWith('-')) throw unknownOption(word);
    else return { terminal, command: joined(words.slice(index)) };
  }
  return { terminal, command: undefined };
}

function joined(words: readonly string[]): ShellCommand | undefined {
  return words.length > 0 ? rawCommand(words.join(' ')) : undefined;
}

function unknownOption(word: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'OPTION_UNKNOWN', `ssh does not take "${word}" here`, {
    hints: ['put options of the remote command behind its name', 'use ssh itself for port forwarding'],
  });
}
