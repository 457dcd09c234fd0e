import { renderTemplate } from '../shared/template.js';
import type { SshConnection } from '../ssh/transport.js';
import { remoteCommandFailed, sudoRequired } from './errors.js';
import { type HostFacts, parseHostFacts } from './host-facts.js';
import { noRootExitCode, type RootShell, rootShell, runScriptAsRoot } from './root-shell.js';

/** Learns everything about a host in one round trip. Throws SUDO_REQUIRED. */
export async function lookAtHost(
  connection: SshConnection,
  signal: AbortSignal,
  patience = 1,
): Promise<{ readonly facts: HostFacts; readonly root: RootShell }> {
  const script = await renderTemplate('agent/probe.sh');
  const result = await connection.run(runScriptAsRoot(), {
    input: script,
    timeoutMs: 60_000 * patience,
    signal,
  });
  if (result.code === noRootExitCode) throw sudoRequired(result.stdout.trim());
  if (result.code !== 0) throw remoteCommandFailed('looking at the host', result);
  const asRoot = result.stdout.startsWith('as-root=yes\n');
  return { facts: parseHostFacts(result.stdout), root: rootShell(connection, asRoot, signal) };
}
