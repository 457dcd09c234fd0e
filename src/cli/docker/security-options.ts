import { readFile } from 'node:fs/promises';
import type { HostConfig } from '../../api/client/types.js';
import { fileUnreadable, flagInvalid } from './errors.js';

/**
 * `--security-opt` as the API takes it: a seccomp profile is a file here and its text there. Throws FLAG_INVALID,
 * FILE_UNREADABLE.
 */
export async function securityOptions(flags: readonly string[]): Promise<HostConfig> {
  const options = await Promise.all(flags.map(securityOption));
  const isUnmasked = flags.some((flag) => /^systempaths[=:]unconfined$/.test(flag));
  return {
    ...(options.length > 0 && { SecurityOpt: options.flat() }),
    ...(isUnmasked && { MaskedPaths: [], ReadonlyPaths: [] }),
  };
}

async function securityOption(flag: string): Promise<readonly string[]> {
  const [key = '', value] = flag.split(/[=:](.*)/s);
  if (value === undefined && key !== 'no-new-privileges') {
    throw flagInvalid('--security-opt', flag, 'write KEY=VALUE');
  }
  if (key === 'systempaths' && value === 'unconfined') return [];
  if (key !== 'seccomp' || value === undefined || ['unconfined', 'builtin'].includes(value)) return [flag];
  const text = await readFile(value, 'utf8').catch((cause) => {
    throw fileUnreadable(value, cause);
  });
  try {
    return [`seccomp=${JSON.stringify(JSON.parse(text))}`];
  } catch {
    throw flagInvalid('--security-opt', flag, `"${value}" is not JSON`);
  }
}
