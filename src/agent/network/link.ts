import { constants, openSync } from 'node:fs';
import { listInterfaces } from '../kernel/interfaces.js';
import { run, runOrThrow } from '../kernel/spawn.js';

/** A network interface of the host. */
export interface Link {
  readonly name: string;
  readonly index: number;
  /** The bridge that it is a port of. */
  readonly master?: string;
}

const timeoutMs = 10_000;

let own: number | undefined;

/**
 * A file that is the host's network namespace, for others. It is not told by this process's number: while the process
 * visits a container's namespace (network-namespace.ts) that would be the container's.
 */
export function hostNamespace(): string {
  own ??= openSync('/proc/self/ns/net', constants.O_RDONLY);
  return `/proc/${process.pid}/fd/${own}`;
}

export function listLinks(): readonly Link[] {
  const interfaces = listInterfaces();
  const names = new Map(interfaces.map(({ name, index }) => [index, name]));
  return interfaces.map(({ name, index, master }) => {
    const bridge = names.get(master);
    return { name, index, ...(bridge !== undefined && { master: bridge }) };
  });
}

/** Runs lines of `ip-command.ts` in the host's network namespace. Throws COMMAND_FAILED at the first that fails. */
export async function runIpBatch(batch: string): Promise<void> {
  if (batch === '') return;
  await runOrThrow(['ip', '-batch', '-'], { input: batch, timeoutMs });
}

/** The same in the network namespace of a process. */
export async function runIpBatchIn(pid: number, batch: string): Promise<void> {
  const argv = ['nsenter', '--target', String(pid), '--net', 'ip', '-batch', '-'];
  await runOrThrow(argv, { input: batch, timeoutMs });
}

/** Takes an interface out of the network namespace of a process, back into the host's under its first name. */
export async function giveBackLink(pid: number, name: string, source: string): Promise<void> {
  await runIpBatchIn(
    pid,
    `link set dev ${name} down\nlink set dev ${name} netns ${hostNamespace()} name ${source}\n`,
  );
}

/** Succeeds when there is none, also when the kernel removes it at this moment with its container's namespace. */
export async function deleteLink(name: string): Promise<void> {
  const argv = ['ip', 'link', 'delete', 'dev', name];
  const result = await run(argv, { timeoutMs });
  if (result.code === 0 || /Cannot find device|No such device/.test(result.stderr)) return;
  await runOrThrow(argv, { timeoutMs }); // says why, or finds it gone
}
