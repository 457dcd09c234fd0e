import { parseBytes } from '../shared/bytes.js';
import { errorMessage } from '../shared/errors.js';
import { flagInvalid } from './errors.js';

/** Of `--tag KEY=VALUE` and `--remove-tag KEY`; undefined when neither was given. Throws FLAG_INVALID. */
export function changes(
  flag: string,
  set: readonly string[] | undefined,
  remove: readonly string[] | undefined,
): Readonly<Record<string, string | undefined>> | undefined {
  if (!set?.length && !remove?.length) return undefined;
  const pairs = (set ?? []).map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw flagInvalid(flag, text, 'is not KEY=VALUE');
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
  return Object.fromEntries([...(remove ?? []).map((key) => [key, undefined] as const), ...pairs]);
}

/** "4g" → 4096. Throws FLAG_INVALID. */
export function memoryMiB(text: string): number {
  let bytes: number;
  try {
    bytes = parseBytes(text);
  } catch (error) {
    throw flagInvalid('memory', text, errorMessage(error));
  }
  if (bytes < 2 ** 20) throw flagInvalid('memory', text, 'is less than a mebibyte');
  return Math.floor(bytes / 2 ** 20);
}

/** Throws FLAG_INVALID. */
export function numberOfCpus(text: string): number {
  const cpus = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || cpus <= 0)
    throw flagInvalid('cpus', text, 'is not a number of processors');
  return cpus;
}
