import { TsmachineError } from '../shared/errors.js';
import type { SshCommandResult } from '../ssh/transport.js';

export function notLinux(system: string): TsmachineError {
  return new TsmachineError('not-implemented', 'OS_NOT_SUPPORTED', `the host runs "${system}", not Linux`, {
    hints: ['use a Linux host'],
  });
}

export function kernelTooOld(version: string, needed: string): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'KERNEL_TOO_OLD',
    `the host runs Linux ${version}, and the agent needs ${needed} or newer`,
    { hints: ['use a newer kernel, such as those of Debian 11, Ubuntu 22.04, RHEL 9 and their successors'] },
  );
}

export function muslNotSupported(name: string): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'OS_NOT_SUPPORTED',
    `"${name}" is built on musl, for which there is no Node binary to send`,
    { hints: ['use a distribution with glibc, such as Debian, Fedora or openSUSE'] },
  );
}

export function unknownDistribution(name: string, commands: readonly string[]): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'OS_NOT_SUPPORTED',
    `cannot install packages on "${name}": its package manager is not known`,
    { hints: [`install these commands on the host by hand and run provision again: ${commands.join(', ')}`] },
  );
}

export function architectureNotSupported(architecture: string): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'ARCHITECTURE_NOT_SUPPORTED',
    `the host's architecture "${architecture}" is not supported`,
    { hints: ['use an x86_64 or aarch64 host'] },
  );
}

export function sudoRequired(user: string): TsmachineError {
  return new TsmachineError(
    'permission-denied',
    'SUDO_REQUIRED',
    `user "${user}" is not root and cannot use sudo on the host without a password`,
    {
      hints: [
        'log in as root, or give the password for sudo: --ssh-sudo-password-file or TSMACHINE_SUDO_PASSWORD',
        `or allow it as root on the host: echo '${user} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/${user}`,
      ],
    },
  );
}

export function sudoPasswordWrong(user: string): TsmachineError {
  return new TsmachineError(
    'unauthenticated',
    'SUDO_PASSWORD_WRONG',
    `the password of "${user}" for sudo is wrong`,
    { hints: ['give the right one: --ssh-sudo-password-file or TSMACHINE_SUDO_PASSWORD'] },
  );
}

export function noSpace(path: string, needed: number, free?: number): TsmachineError {
  const left = free === undefined ? '' : `: ${megabytes(free)} MB free, ${megabytes(needed)} MB needed`;
  return new TsmachineError('unavailable', 'NO_SPACE', `no space left on the host in "${path}"${left}`, {
    hints: ['free some space on the host, then run provision again'],
  });
}

export function packagesFailed(manager: string, result: SshCommandResult): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'PACKAGES_FAILED',
    `the host's package manager ${manager} failed: ${lastLines(result)}`,
    { hints: ['mend it on the host, then run provision again'] },
  );
}

export function agentNotStarted(log: string): TsmachineError {
  return new TsmachineError('unavailable', 'AGENT_NOT_STARTED', `the agent did not start: ${log}`, {
    hints: ['look at its log on the host, then run provision again'],
  });
}

export function remoteCommandFailed(what: string, result: SshCommandResult): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'PROVISION_FAILED',
    `${what} failed on the host: ${lastLines(result)}`,
    {
      hints: ['run provision again when the cause is mended'],
    },
  );
}

export function transferDamaged(what: string): TsmachineError {
  return new TsmachineError('data-loss', 'TRANSFER_DAMAGED', `${what} did not arrive intact on the host`, {
    hints: ['run provision again'],
  });
}

function lastLines({ stderr, stdout, code }: SshCommandResult): string {
  const text = stderr.trim() || stdout.trim();
  return text.split('\n').slice(-3).join('; ') || `exit ${code}`;
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 2 ** 20);
}
