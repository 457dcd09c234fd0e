import type { HostConfig } from '../../../api/container-config.js';
import { errorMessage } from '../../../shared/errors.js';
import { parseSeccompProfile, type SeccompProfile } from '../../runtime/spec/seccomp-docker.js';
import { invalidOption } from '../errors.js';

export interface Security {
  readonly seccomp: 'default' | 'unconfined' | SeccompProfile;
  readonly noNewPrivileges: boolean;
  /** The profile's name, where one was chosen. */
  readonly apparmor: string | undefined;
}

/**
 * `SecurityOpt` as docker writes it; SELinux's labels are accepted, and mean nothing. Throws OPTION_INVALID.
 */
export function parseSecurity({ SecurityOpt, Privileged }: HostConfig): Security {
  let seccomp: Security['seccomp'] = Privileged ? 'unconfined' : 'default';
  let noNewPrivileges = false;
  let apparmor: string | undefined;
  for (const option of SecurityOpt ?? []) {
    const [name = '', value] = splitOption(option);
    switch (name) {
      case 'no-new-privileges':
        noNewPrivileges = parseFlag(option, value);
        break;
      case 'seccomp':
        seccomp = seccompChoice(value);
        break;
      case 'apparmor':
        if (!value) throw invalidOption(`invalid --security-opt 2: "${option}"`);
        apparmor = value;
        break;
      case 'label':
      case 'disable':
        break;
      default:
        throw invalidOption(`invalid --security-opt 2: "${option}"`);
    }
  }
  return { seccomp, noNewPrivileges, apparmor };
}

function splitOption(option: string): readonly [string, string | undefined] {
  const at = option.search(/[=:]/);
  return at === -1 ? [option, undefined] : [option.slice(0, at), option.slice(at + 1)];
}

function parseFlag(option: string, value: string | undefined): boolean {
  if (value === undefined || ['true', '1', 't'].includes(value.toLowerCase())) return true;
  if (['false', '0', 'f'].includes(value.toLowerCase())) return false;
  throw invalidOption(`invalid --security-opt 2: "${option}"`);
}

function seccompChoice(value: string | undefined): Security['seccomp'] {
  if (value === 'unconfined') return 'unconfined';
  if (value === undefined || value === 'builtin' || value === 'default') return 'default';
  try {
    return parseSeccompProfile(value); // docker sends the file's content
  } catch (error) {
    throw invalidOption(`Decoding seccomp profile failed: ${errorMessage(error)}`);
  }
}
