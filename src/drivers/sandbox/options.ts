import { parseBytes } from '../../shared/bytes.js';
import { errorMessage } from '../../shared/errors.js';
import { driverOptionInvalid } from '../errors.js';
import type { DriverOptions, OptionValues } from '../options.js';
import { parseSubnet, type Subnet } from './subnet.js';

export const sandboxOptions = {
  base: {
    type: 'string',
    default: '/',
    description:
      'root file system below the sandbox: a directory such as debootstrap makes, or / for this machine',
    env: ['TSMACHINE_SANDBOX_BASE'],
  },
  memory: {
    type: 'string',
    description: 'memory limit, such as 512m or 2g',
    env: ['TSMACHINE_SANDBOX_MEMORY'],
  },
  cpus: {
    type: 'string',
    description: 'limit in processors, such as 1.5',
    env: ['TSMACHINE_SANDBOX_CPUS'],
  },
  subnet: {
    type: 'string',
    description: 'network of the sandboxes on this machine (default 10.213.0.0/24, or another that is free)',
    env: ['TSMACHINE_SANDBOX_SUBNET'],
  },
} as const satisfies DriverOptions;

export const minimumMemory = 32 * 2 ** 20;
export const minimumCpus = 0.01;

export type SandboxOptions = OptionValues<typeof sandboxOptions>;

/** The options as values. */
export interface SandboxSpec {
  readonly base: string;
  readonly memoryBytes: number | undefined;
  readonly cpus: number | undefined;
  readonly subnet: Subnet | undefined;
}

/** Throws DRIVER_OPTION_INVALID. */
export function parseSandboxOptions(options: SandboxOptions): SandboxSpec {
  return {
    base: parseBase(options.base),
    memoryBytes: options.memory === undefined ? undefined : parseMemory(options.memory),
    cpus: options.cpus === undefined ? undefined : parseCpus(options.cpus),
    subnet: options.subnet === undefined ? undefined : parseSubnetOption(options.subnet),
  };
}

function parseBase(text: string): string {
  if (text.startsWith('/')) return text.replace(/(?<=.)\/+$/, '');
  throw driverOptionInvalid('sandbox-base', text, 'is not an absolute path');
}

function parseMemory(text: string): number {
  let bytes: number;
  try {
    bytes = parseBytes(text);
  } catch (error) {
    throw driverOptionInvalid('sandbox-memory', text, errorMessage(error), 'write 512m or 2g');
  }
  if (bytes >= minimumMemory) return bytes;
  throw driverOptionInvalid('sandbox-memory', text, 'is too little for a host', 'use 32m or more');
}

function parseCpus(text: string): number {
  const cpus = Number(text);
  if (/^\d*\.?\d+$/.test(text) && cpus >= minimumCpus) return cpus;
  throw driverOptionInvalid('sandbox-cpus', text, 'is not a number of processors', 'write 0.5 or 2');
}

function parseSubnetOption(text: string): Subnet {
  const subnet = parseSubnet(text);
  if (subnet && subnet.prefixLength >= 16 && subnet.prefixLength <= 29) return subnet;
  throw driverOptionInvalid(
    'sandbox-subnet',
    text,
    'is not a network',
    'write 10.44.0.0/24; sizes are /16 to /29',
  );
}
