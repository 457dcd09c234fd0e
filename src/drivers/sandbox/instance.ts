import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { SandboxSpec } from './options.js';
import type { SandboxSite } from './site.js';

/** What the machine's record keeps. The id alone is enough to remove whatever exists. */
export type SandboxInstance = {
  /** Name of its directory, its cgroups, and, by its last eight digits, of its network interface. */
  readonly id: string;
  readonly hostname: string;
  /** Absent until one was reserved. */
  readonly address?: string;
  readonly base: string;
  readonly memoryBytes?: number;
  readonly cpus?: number;
  /** Relative to the machine's directory. */
  readonly identityFile: string;
  /** The host's public key. */
  readonly hostKey: string;
};

/** Unique on this machine, readable, and short enough for a file name. */
export function newSandboxId(machineName: string): string {
  const readable = machineName
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 40);
  return `${readable}-${randomBytes(4).toString('hex')}`;
}

export function newInstance(
  spec: SandboxSpec,
  identity: Pick<SandboxInstance, 'id' | 'hostname' | 'identityFile' | 'hostKey'>,
): SandboxInstance {
  return {
    ...identity,
    base: spec.base,
    ...(spec.memoryBytes !== undefined && { memoryBytes: spec.memoryBytes }),
    ...(spec.cpus !== undefined && { cpus: spec.cpus }),
  };
}

/** A valid host name (RFC 1123 label) from a machine's name. */
export function hostnameOf(machineName: string): string {
  const label = machineName
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63);
  return label.replace(/^-+|-+$/g, '') || 'sandbox';
}

export function stateOf(site: SandboxSite, id: string): string {
  return join(site.stateDirectory, id);
}
