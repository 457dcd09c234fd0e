import type { ProgressMessage } from '../../../api/progress.js';
import { type Digest, digestHex } from '../../../shared/digest.js';
import { shortId } from '../../../shared/identifiers.js';
import type { BuildProgress, StepInfo, StepProgress } from './progress.js';

/** Takes a message; resolves when the client can take more. */
export type Send = (message: ProgressMessage) => Promise<void>;

/**
 * The stream of `POST /build` as docker prints it. Stages may be built at the same time: the steps are told in their
 * order all the same, those of a later stage when all before are done.
 */
export class ClassicOutput implements BuildProgress {
  readonly #send: Send;
  readonly #steps = new Map<number, ClassicStep>();
  #current = 1;

  constructor(send: Send) {
    this.#send = send;
  }

  argument({ number, total, source }: Pick<StepInfo, 'number' | 'total' | 'source'>): void {
    this.note(`Step ${number}/${total} : ${source}\n`);
    this.#current = number + 1;
  }

  step(info: StepInfo): StepProgress {
    const step = new ClassicStep(this.#send, info, () => this.#advance());
    this.#steps.set(info.number, step);
    if (info.number === this.#current) step.show();
    return step;
  }

  note(text: string): void {
    void this.#send({ stream: text });
  }

  /** After the end, also after a failure: what was held back. */
  finish(): void {
    for (const [, step] of [...this.#steps].sort(([a], [b]) => a - b)) step.show();
  }

  #advance(): void {
    for (let step = this.#steps.get(this.#current); step?.done; step = this.#steps.get(this.#current)) {
      this.#current++;
      this.#steps.get(this.#current)?.show();
    }
  }
}

/** Held back for as long as it is not the step's turn. */
const mostHeld = 1024 * 1024;

class ClassicStep implements StepProgress {
  done = false;
  readonly #send: Send;
  readonly #completed: () => void;
  readonly #shown = Promise.withResolvers<void>();
  #held: ProgressMessage[] | undefined = [];
  #heldLength = 0;
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };

  constructor(send: Send, { number, total, source }: StepInfo, completed: () => void) {
    this.#send = send;
    this.#completed = completed;
    this.note(`Step ${number}/${total} : ${source}\n`);
  }

  show(): void {
    const held = this.#held;
    this.#held = undefined;
    for (const message of held ?? []) void this.#send(message);
    this.#shown.resolve();
  }

  cached(): void {
    this.note(' ---> Using cache\n');
  }

  async log(stream: 'stdout' | 'stderr', chunk: Buffer): Promise<void> {
    const text = this.#decoders[stream].decode(chunk, { stream: true });
    if (text === '') return;
    // As docker: what a command says on stderr is red.
    const message = stream === 'stderr' ? `\u001b[91m${text}\u001b[0m` : text;
    if (this.#held && this.#heldLength > mostHeld) await this.#shown.promise;
    await this.#write(message);
  }

  note(text: string): void {
    void this.#write(text);
  }

  container(id: string): void {
    this.note(` ---> Running in ${shortId(id)}\n`);
  }

  containerRemoved(id: string): void {
    this.note(`Removing intermediate container ${shortId(id)}\n`);
  }

  /** Docker tells this as it comes, whatever step's turn it is. */
  pulling(message: ProgressMessage): void {
    void this.#send(message);
  }

  failed(): void {}

  completed(image: Digest | undefined): void {
    this.note(` ---> ${image ? shortId(digestHex(image)) : ''}\n`);
    this.done = true;
    this.#completed();
  }

  async #write(text: string): Promise<void> {
    if (!this.#held) return await this.#send({ stream: text });
    this.#held.push({ stream: text });
    this.#heldLength += text.length;
  }
}
