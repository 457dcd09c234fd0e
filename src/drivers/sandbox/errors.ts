import { TsmachineError } from '../../shared/errors.js';

const otherDrivers = 'use --driver ssh with any Linux host';

export function sandboxNeedsLinux(platform: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'SANDBOX_NEEDS_LINUX',
    `driver sandbox needs Linux, and this is "${platform}"`,
    { hints: [otherDrivers] },
  );
}

export function sandboxNeedsRoot(): TsmachineError {
  return new TsmachineError('permission-denied', 'SANDBOX_NEEDS_ROOT', 'driver sandbox needs root', {
    hints: ['run the command with sudo', otherDrivers],
  });
}

export function sandboxToolsMissing(
  commands: readonly string[],
  packages: readonly string[],
): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'SANDBOX_TOOLS_MISSING',
    `driver sandbox needs commands that are missing: ${commands.join(', ')}`,
    { hints: [`run "apt-get install ${packages.join(' ')}"`, otherDrivers] },
  );
}

export function sandboxBaseUnusable(base: string, missing: string, hint: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'SANDBOX_BASE_UNUSABLE',
    `--sandbox-base "${base}" is no root file system for a sandbox: ${missing}`,
    { hints: [hint] },
  );
}

export function sandboxStorageUnusable(directory: string): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'SANDBOX_STORAGE_UNUSABLE',
    `driver sandbox cannot keep its layers in "${directory}": it is on an overlay or network file system`,
    { hints: [`mount a disk's file system, such as ext4, at "${directory}"`, otherDrivers] },
  );
}

export function sandboxSubnetTaken(subnet: string, why: string): TsmachineError {
  return new TsmachineError(
    'conflict',
    'SANDBOX_SUBNET_TAKEN',
    `--sandbox-subnet "${subnet}" cannot be used: ${why}`,
    { hints: ['choose another network, or leave the option out'] },
  );
}

export function sandboxSubnetFull(subnet: string): TsmachineError {
  return new TsmachineError('unavailable', 'SANDBOX_SUBNET_FULL', `no address is left in "${subnet}"`, {
    hints: ['remove a sandbox that is not needed'],
  });
}

export function sandboxStateLost(directory: string): TsmachineError {
  return new TsmachineError(
    'data-loss',
    'SANDBOX_STATE_LOST',
    `the sandbox's directory "${directory}" is gone`,
    {
      hints: ['remove the machine and create it again'],
    },
  );
}

export function sandboxBootFailed(log: string): TsmachineError {
  return new TsmachineError('internal', 'SANDBOX_BOOT_FAILED', `the sandbox did not boot: ${log}`);
}

export function sandboxMemoryInUse(id: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'conflict',
    'SANDBOX_MEMORY_IN_USE',
    `sandbox "${id}" uses more memory than that`,
    { hints: ['stop the machine first, or some of its containers'], cause },
  );
}
