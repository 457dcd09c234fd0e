import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecCreateRequest } from '../../../api/exec.js';
import { processCapabilities } from '../../runtime/spec/capabilities.js';
import type { OciProcess, OciSpec } from '../../runtime/spec/oci.js';
import { lookupGroups, lookupUser } from '../../runtime/user-lookup.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';
import type { ContainerRecord } from './record.js';

/** What the container that runs was started with. */
export async function runningSpec({ paths }: ContainerContext, { id }: Container): Promise<OciSpec> {
  return JSON.parse(await readFile(join(paths.bundle(id), 'config.json'), 'utf8')) as OciSpec; // `start.ts` wrote it
}

/**
 * An exec's process: the container's own with what the request changes; `host` are the capabilities there are at
 * most. Throws USER_NOT_FOUND, GROUP_NOT_FOUND.
 */
export async function execProcess(
  { process, root }: OciSpec,
  { config, hostConfig }: ContainerRecord,
  request: ExecCreateRequest,
  host: ReadonlySet<string>,
): Promise<OciProcess> {
  const [user, extraGids] = await Promise.all([
    lookupUser(root.path, request.User || config.User || ''),
    lookupGroups(root.path, hostConfig.GroupAdd ?? []),
  ]);
  const { consoleSize: _, ...inherited } = process;
  return {
    ...inherited,
    terminal: request.Tty ?? false,
    args: request.Cmd ?? [],
    cwd: request.WorkingDir || process.cwd,
    env: environment(process.env, request),
    user: {
      uid: user.uid,
      gid: user.gid,
      additionalGids: [...new Set([user.gid, ...user.supplementaryGids, ...extraGids])],
    },
    ...(request.Privileged && process.apparmorProfile && { apparmorProfile: 'unconfined' }),
    capabilities: request.Privileged
      ? everything(host)
      : processCapabilities(process.capabilities.bounding, user.uid),
  };
}

/** All that the host has, also for a user who is not root, as moby does it. */
function everything(host: ReadonlySet<string>): OciProcess['capabilities'] {
  const all = [...host];
  return { bounding: all, effective: all, permitted: all, inheritable: [] };
}

function environment(inherited: readonly string[], { Env = [], Tty }: ExecCreateRequest): readonly string[] {
  const variables = new Map<string, string>();
  for (const entry of [...inherited, ...(Tty ? ['TERM=xterm'] : []), ...Env]) {
    const name = entry.split('=', 1)[0] ?? '';
    if (entry.includes('=')) variables.set(name, entry);
    else variables.delete(name);
  }
  return [...variables.values()];
}
