import type { HostConfig } from '../../../api/container-config.js';
import { invalidOption } from '../errors.js';

/** Bytes of `--storage-opt size=`, in go-units' RAMInBytes notation. Throws OPTION_INVALID in Docker's words. */
export function storageLimitOf({ StorageOpt }: HostConfig): number | undefined {
  let limit: number | undefined;
  for (const [name, text] of Object.entries(StorageOpt ?? {})) {
    if (name.toLowerCase() !== 'size') throw invalidOption(`unknown option ${name}`);
    limit = bytesOf(text);
  }
  return limit;
}

function bytesOf(text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?) ?(?:([kmgtp])?(?:i?b)?)?$/i.exec(text) ?? [];
  if (digits === undefined) throw invalidOption(`invalid size: '${text}'`);
  const power = unit === '' ? 0 : 'kmgtp'.indexOf(unit.toLowerCase()) + 1;
  const bytes = Math.trunc(Number(digits) * 1024 ** power);
  if (!Number.isSafeInteger(bytes) || bytes < 1) throw invalidOption(`invalid size: '${text}'`);
  return bytes;
}
