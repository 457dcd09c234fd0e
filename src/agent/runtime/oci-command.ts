import { run } from '../../shared/spawn.js';
import { runtimeFailed } from './errors.js';

export interface OciCommandOptions {
  /** Path of crun or runc. */
  readonly path: string;
  /** The runtime's own state directory. */
  readonly root: string;
  /** Put before its argv; see `runtimePrefix`. */
  readonly prefix: readonly string[];
}

/** The command line that crun and runc share. */
export class OciCommand {
  readonly #options: OciCommandOptions;

  constructor(options: OciCommandOptions) {
    this.#options = options;
  }

  /** The argv up to, and without, the subcommand. */
  argv(globals: readonly string[] = []): readonly string[] {
    const { prefix, path, root } = this.#options;
    return [...prefix, path, '--root', root, ...globals];
  }

  /** Throws RUNTIME_FAILED with the runtime's words. */
  async run(action: string, args: readonly string[]): Promise<string> {
    const result = await run([...this.argv(), action, ...args], { timeoutMs: 60_000 });
    if (result.code === 0) return result.stdout;
    throw runtimeFailed(action, lastWords(result.stderr) || `exit status ${result.code}`);
  }

  /** "1.8.1" */
  async version(): Promise<string> {
    const output = await this.run('--version', []);
    return /version (\S+)/.exec(output)?.[1] ?? 'unknown';
  }
}

/** The message of the last line on stderr; runc's is `time="…" level=error msg="…"`. */
export function lastWords(stderr: string): string {
  const line = stderr.trim().split('\n').at(-1) ?? '';
  const quoted = /\bmsg=("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
  return quoted === undefined ? line : String(JSON.parse(quoted));
}

/** The last error of a log that the runtime wrote with --log-format=json; empty when there is none. */
export function loggedError(log: string): string {
  const messages = log.split('\n').flatMap((line) => {
    const entry = parseEntry(line);
    return entry?.level === 'error' && entry.msg !== undefined ? [entry.msg] : [];
  });
  return messages.at(-1) ?? '';
}

function parseEntry(line: string): { level?: string; msg?: string } | undefined {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // the runtime may have died while it wrote the line
  }
}
