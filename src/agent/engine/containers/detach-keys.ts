import { invalidOption } from '../errors.js';

/** ctrl-p, ctrl-q. */
const defaultKeys = Buffer.of(16, 17);

/**
 * Docker's notation, "ctrl-p,ctrl-q" or "a,ctrl-[" (moby/term, ToBytes), as the bytes that a terminal sends. Throws
 * OPTION_INVALID.
 */
export function parseDetachKeys(text: string | undefined): Buffer {
  if (!text) return defaultKeys;
  return Buffer.from(
    text.split(',').map((key) => {
      const byte = byteOf(key);
      if (byte === undefined) throw invalidOption(`Invalid detach keys (${text}) provided`);
      return byte;
    }),
  );
}

function byteOf(key: string): number | undefined {
  if (key.length === 1) return key.charCodeAt(0) < 128 ? key.charCodeAt(0) : undefined;
  const [, letter] = /^ctrl-([a-z@[\\\]^_])$/.exec(key) ?? [];
  return letter === undefined ? undefined : letter.toUpperCase().charCodeAt(0) - 64;
}

/** Looks for the keys in a terminal's input. What may be their beginning is held back until it is known. */
export class DetachWatcher {
  readonly #keys: Buffer;
  #matched = 0;

  constructor(keys: Buffer) {
    this.#keys = keys;
  }

  /** What goes to the process; the keys themselves do not, nor what follows them. */
  take(chunk: Buffer): { readonly input: Buffer; readonly detached: boolean } {
    const bytes: number[] = [];
    for (const byte of chunk) {
      while (this.#matched > 0 && byte !== this.#keys[this.#matched]) this.#giveUpOne(bytes);
      if (byte !== this.#keys[this.#matched]) {
        bytes.push(byte);
        continue;
      }
      this.#matched += 1;
      if (this.#matched === this.#keys.length) return { input: Buffer.from(bytes), detached: true };
    }
    return { input: Buffer.from(bytes), detached: false };
  }

  /** The longest shorter beginning that what was held back also ends with; the rest was input. */
  #giveUpOne(bytes: number[]): void {
    const held = this.#keys.subarray(0, this.#matched);
    let length = this.#matched - 1;
    while (length > 0 && !held.subarray(this.#matched - length).equals(held.subarray(0, length))) length -= 1;
    bytes.push(...held.subarray(0, this.#matched - length));
    this.#matched = length;
  }
}
