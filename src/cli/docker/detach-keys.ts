import { Transform, type TransformCallback } from 'node:stream';
import { flagInvalid } from './errors.js';

/** Ctrl-p, ctrl-q. */
const defaultDetachKeys: Buffer = Buffer.from([0x10, 0x11]);

/**
 * "ctrl-p,ctrl-q" or "a,b" as the bytes that a terminal sends (moby/term, ToBytes); the default where there is no text.
 * Throws FLAG_INVALID.
 */
export function parseDetachKeys(text: string | undefined, where = '--detach-keys'): Buffer {
  if (!text) return defaultDetachKeys;
  const fail = (key: string) => flagInvalid(where, text, `"${key}" is no key`);
  return Buffer.from(
    text.split(',').map((key) => {
      if (/^[\x20-\x7e]$/.test(key)) return key.charCodeAt(0);
      const letter = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1];
      if (letter === undefined) throw fail(key);
      return letter.toUpperCase().charCodeAt(0) & 0x1f;
    }),
  );
}

/** What the engine is told, which heeds the keys, too. */
export function detachKeysText(keys: Buffer): string {
  const names = [...keys].map((key) =>
    key < 0x20 ? `ctrl-${String.fromCharCode(key + 0x40).toLowerCase()}` : String.fromCharCode(key),
  );
  return names.join(',');
}

/**
 * Passes input on until the detach keys come in a row, in whatever chunks; then ends and emits 'detach'. Keys
 * that only began the sequence are held back, and sent when something else follows.
 */
export class DetachFilter extends Transform {
  readonly #keys: Buffer;
  #matched = 0;

  constructor(keys: Buffer) {
    super();
    this.#keys = keys;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const passed: number[] = [];
    for (const byte of chunk) {
      if (byte !== this.#keys[this.#matched]) {
        passed.push(...this.#keys.subarray(0, this.#matched));
        this.#matched = 0;
      }
      if (byte === this.#keys[this.#matched]) this.#matched += 1;
      else passed.push(byte);
      if (this.#matched === this.#keys.length) {
        this.emit('detach');
        return; // nothing behind the keys is the container's
      }
    }
    done(null, Buffer.from(passed));
  }

  override _flush(done: TransformCallback): void {
    done(null, this.#keys.subarray(0, this.#matched));
  }
}
