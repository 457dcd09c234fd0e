import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerConfig, HostConfig } from '../../../api/container-config.js';
import type { RunMount } from '../../runtime/spec/run-spec.js';
import { invalidOption } from '../errors.js';

/** As an annotation or a label, like the bandwidth: "own", or "host" for what is so without it. */
const key = 'tsmachine.proc.view';

/** Where LXCFS's packages mount it. */
const lxcfs = '/var/lib/lxcfs';

/** Throws OPTION_INVALID, also where the host has no LXCFS. */
export function validateOwnView(config: ContainerConfig, hostConfig: HostConfig): void {
  if (wantsOwnView(config, hostConfig)) emulatedFiles();
}

/**
 * Files in which a container sees its own memory, processors and load instead of the host's, so that `free`, `top` and
 * language runtimes that read them keep within its limits. Throws OPTION_INVALID where LXCFS does not run any more.
 */
export function ownViewMounts(config: ContainerConfig, hostConfig: HostConfig): readonly RunMount[] {
  if (!wantsOwnView(config, hostConfig)) return [];
  const files = emulatedFiles().map((name) => `/proc/${name}`);
  return [...files, '/sys/devices/system/cpu'].map((destination) => ({
    type: 'bind',
    source: join(lxcfs, destination),
    destination,
    readonly: true,
  }));
}

function wantsOwnView({ Labels }: ContainerConfig, { Annotations }: HostConfig): boolean {
  const view = Annotations?.[key] ?? Labels?.[key] ?? 'host';
  if (view !== 'own' && view !== 'host') throw invalidOption(`invalid ${key} "${view}": write own or host`);
  return view === 'own';
}

/** Names below /proc; which ones depends on LXCFS's version. */
function emulatedFiles(): readonly string[] {
  try {
    return readdirSync(join(lxcfs, 'proc')).filter((name) => !name.startsWith('pressure'));
  } catch {
    throw invalidOption(`${key}=own needs LXCFS, which does not run on this host: install the package lxcfs`);
  }
}
