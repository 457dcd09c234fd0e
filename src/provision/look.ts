import { renderTemplate } from '../shared/template.js';
import type { SshConnection } from '../ssh/transport.js';
import { remoteCommandFailed } from './errors.js';
import { type HostFacts, parseHostFacts } from './host-facts.js';
import { type RootShell, runScriptAsRoot } from './root-shell.js';

/** Learns everything about a host, in one round trip unless sudo wants a password. Throws as `runScriptAsRoot`. */
export async function lookAtHost(
  connection: SshConnection,
  signal: AbortSignal,
  patience = 1,
): Promise<{ readonly facts: HostFacts; readonly root: RootShell }> {
  const script = await renderTemplate('agent/probe.sh');
  const { result, root } = await runScriptAsRoot(connection, script, {
    timeoutMs: 60_000 * patience,
    signal,
  });
  if (result.code !== 0) throw remoteCommandFailed('looking at the host', result);
  return { facts: parseHostFacts(result.stdout), root };
}
