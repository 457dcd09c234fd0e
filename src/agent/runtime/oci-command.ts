import { run } from '../kernel/spawn.js';
import { runtimeFailed } from './errors.js';
import { SealedProgram } from './sealed-program.js';

export interface OciCommandOptions {
  /** Path of crun or runc. */
  readonly path: string;
  /** Where a link to a sealed copy of it may lie, which is then run instead. */
  readonly sealedDirectory: string | undefined;
  /** The runtime's own state directory. */
  readonly root: string;
  /** Put before its argv; see `runtimePrefix`. */
  readonly prefix: readonly string[];
}

/** The command line that crun and runc share. */
export class OciCommand {
  readonly #options: OciCommandOptions;
  readonly #sealed: SealedProgram | undefined;

  constructor(options: OciCommandOptions) {
    this.#options = options;
    const { path, sealedDirectory } = options;
    if (sealedDirectory !== undefined) this.#sealed = new SealedProgram(path, sealedDirectory);
  }

  close(): void {
    this.#sealed?.close();
  }

  /** The argv up to, and without, the subcommand. */
  argv(globals: readonly string[] = []): readonly string[] {
    const { prefix, path, root } = this.#options;
    return [...prefix, this.#sealed?.path() ?? path, '--root', root, ...globals];
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
