import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { runInForeground } from './foreground-program.js';

export interface SubshellRequest {
  readonly machine: string;
  /** Empty for an interactive shell. */
  readonly command: readonly string[];
  /** The whole environment of the process. */
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

/** Runs a shell, or one command, on the terminal of this process. Answers its exit code: 128 + n for a signal. */
export async function runSubshell(request: SubshellRequest): Promise<number> {
  const { command, environment } = request;
  if (command.length > 0) return runInForeground(command, environment);
  const room = await mkdtemp(join(tmpdir(), 'tsmachine-shell-'));
  try {
    const shell = await interactiveShell(request, room);
    return await runInForeground(shell.argv, { ...environment, ...shell.environment });
  } finally {
    await rm(room, { recursive: true, force: true });
  }
}

interface Shell {
  readonly argv: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

/** With the machine's name before the prompt, where the shell has a way to say so beside the user's own settings. */
async function interactiveShell(
  { machine, environment, platform }: SubshellRequest,
  room: string,
): Promise<Shell> {
  if (platform === 'win32') return { argv: [environment['COMSPEC'] || 'cmd.exe'] };
  const program = environment['SHELL'] || '/bin/sh';
  switch (basename(program)) {
    case 'bash': {
      const file = join(room, 'bashrc');
      await writeFile(file, `[ ! -f ~/.bashrc ] || . ~/.bashrc\nPS1="(${machine}) $PS1"\n`);
      return { argv: [program, '--rcfile', file, '-i'] };
    }
    case 'zsh': {
      const own = environment['ZDOTDIR'] || homedir();
      const text = `ZDOTDIR='${own.replaceAll("'", `'\\''`)}'\n[ ! -f "$ZDOTDIR/.zshrc" ] || . "$ZDOTDIR/.zshrc"\nPS1="(${machine}) $PS1"\n`;
      await writeFile(join(room, '.zshrc'), text);
      return { argv: [program, '-i'], environment: { ZDOTDIR: room } };
    }
    case 'fish': {
      const prompt = `functions -c fish_prompt __tsmachine_prompt; function fish_prompt; echo -n '(${machine}) '; __tsmachine_prompt; end`;
      return { argv: [program, '-i', '-C', prompt] };
    }
    default:
      return { argv: [program], environment: { PS1: `(${machine}) $ ` } };
  }
}
