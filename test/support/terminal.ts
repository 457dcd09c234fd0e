import { setTimeout as delay } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { exitOf, runOrThrow, start } from '../../src/shared/spawn.js';
import { quote } from '../../src/ssh/command.js';

export interface TerminalOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** A program on a pseudo-terminal of its own, 24 rows of 80 columns. */
export interface Terminal extends AsyncDisposable {
  /** Of the program itself. */
  readonly pid: number;
  /** Everything it has written so far, as it came. */
  readonly output: string;
  /** What a person would type. */
  type(keys: string): void;
  /** Resolves when this has been written since the last match; what was written up to its end. */
  until(pattern: string | RegExp): Promise<string>;
  resize(rows: number, columns: number): Promise<void>;
  /** Ends; whether the terminal's modes are as they were before. */
  end(): Promise<{ readonly code: number | undefined; readonly isRestored: boolean; readonly text: string }>;
}

const patience = 60_000;

/** Throws with what it has written when something is waited for in vain. */
export async function openTerminal(
  argv: readonly string[],
  { env, cwd }: TerminalOptions,
): Promise<Terminal> {
  // The shell around it outlives Ctrl-C, to tell the exit code and the modes.
  const inner = 'echo "pid=$$;"; exec "$@"';
  const outer = `trap : INT QUIT TERM; stty rows 24 cols 80; echo "tty=$(tty);"; before=$(stty -g)
sh -c ${quote(inner)} sh ${argv.map(quote).join(' ')}
code=$?; [ "$(stty -g)" = "$before" ] && same=yes || same=no; echo; echo "ended=$code $same;"; exit $code`;
  const script = ['script', '-qefc', outer, '/dev/null'];
  const child = start(script, { stdio: ['pipe', 'pipe', 'inherit'], env, ...(cwd && { cwd }) });
  const exited = exitOf(child, script);
  let output = '';
  let seen = 0;
  let isOver = false;
  child.once('close', () => {
    isOver = true;
  });
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  child.stdin?.on('error', () => {}); // typed behind its end

  async function until(pattern: string | RegExp): Promise<string> {
    const deadline = performance.now() + patience;
    for (;;) {
      const rest = output.slice(seen);
      const match = typeof pattern === 'string' ? plain(rest, pattern) : pattern.exec(rest);
      if (match) {
        seen += match.index + match[0].length;
        return rest.slice(0, match.index + match[0].length);
      }
      if (isOver || performance.now() > deadline) {
        throw new Error(
          `"${argv.join(' ')}" did not write ${pattern}, but: ${JSON.stringify(rest.slice(-2000))}`,
        );
      }
      await delay(20);
    }
  }

  const tty = /tty=(.*);/.exec(await until(/tty=.*;/))?.[1] ?? '';
  const pid = Number(/pid=(\d+);/.exec(await until(/pid=\d+;\r\n/))?.[1]);
  const begin = seen;
  return {
    pid,
    until,
    get output() {
      return output.slice(begin);
    },
    type: (keys) => void child.stdin?.write(keys),
    resize: async (rows, columns) =>
      void (await runOrThrow(['stty', '-F', tty, 'rows', String(rows), 'cols', String(columns)])),
    async end() {
      const [, code, same] = /ended=(\d+) (yes|no);/.exec(await until(/ended=\d+ (yes|no);/)) ?? [];
      await exited;
      const text = output.slice(begin).replace(/\r\nended=.*$/s, '');
      return { code: Number(code), isRestored: same === 'yes', text: stripVTControlCharacters(text) };
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // has ended
        }
        child.kill('SIGKILL');
      }
      await exited;
    },
  };
}

function plain(text: string, part: string) {
  const index = text.indexOf(part);
  return index < 0 ? undefined : Object.assign([part] as const, { index });
}
