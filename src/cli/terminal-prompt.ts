import type { AskOptions, SecretPrompt } from '../machine/dependencies.js';
import { interrupted } from '../machine/errors.js';

/** Asks on the terminal, one question at a time and each only once; nobody is asked where there is none. */
export class TerminalPrompt implements SecretPrompt {
  readonly #pauseProgress: () => Disposable;
  readonly #answers = new Map<string, string>();
  #before: Promise<unknown> = Promise.resolve();

  /** `pauseProgress` keeps a spinner from writing over the question. */
  constructor(pauseProgress: () => Disposable) {
    this.#pauseProgress = pauseProgress;
  }

  ask(question: string, options: AskOptions): Promise<string | undefined> {
    const answer = this.#before.then(() => this.#ask(question, options));
    this.#before = answer.catch(() => {});
    return answer;
  }

  async #ask(question: string, options: AskOptions): Promise<string | undefined> {
    const known = options.again ? undefined : this.#answers.get(question);
    if (known !== undefined) return known;
    if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
    using _pause = this.#pauseProgress();
    const answer = await (options.echo ? askOpenly : askHidden)(question, options.signal);
    this.#answers.set(question, answer);
    return answer;
  }
}

async function askHidden(question: string, signal: AbortSignal): Promise<string> {
  const { default: password } = await import('@inquirer/password');
  try {
    return await password(
      { message: question.trim(), mask: false },
      { signal, output: process.stderr, clearPromptOnDone: true },
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && error.name === 'ExitPromptError') throw interrupted('the question', []);
    throw error;
  }
}

async function askOpenly(question: string, signal: AbortSignal): Promise<string> {
  const { createInterface } = await import('node:readline/promises'); // few commands ask
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await prompt.question(question, { signal });
  } finally {
    prompt.close();
  }
}
