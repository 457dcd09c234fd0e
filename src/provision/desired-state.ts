import { digestHex, digestOf } from '../shared/digest.js';
import { renderTemplate } from '../shared/template.js';
import type { AgentBundle } from './agent-bundle.js';
import type { HostFacts } from './host-facts.js';
import { hostPaths } from './host-paths.js';
import type { HostFile } from './install-files.js';
import type { ProvisionTarget } from './provisioner.js';
import { serviceManager } from './service-managers.js';

/** What a provisioned host has, in full. */
export interface DesiredState {
  readonly nodeDirectory: string;
  readonly agentDirectory: string;
  /** Certificates: a running agent reads them anew on SIGHUP. */
  readonly certificates: readonly HostFile[];
  /** Everything else: a change needs a restart of the agent, which no container notices. */
  readonly files: readonly HostFile[];
}

export async function desiredState(
  facts: HostFacts,
  target: ProvisionTarget,
  bundle: AgentBundle,
): Promise<DesiredState> {
  const nodeDirectory = `${hostPaths.programs}/node/${bundle.node.digest.slice(0, 16)}`;
  const agentDirectory = `${hostPaths.programs}/agent/${bundle.digest.slice(0, 16)}`;
  const launcher = await renderTemplate('agent/launcher.sh', {
    node: `${nodeDirectory}/node`,
    agent: `${agentDirectory}/agent.mjs`,
  });
  return {
    nodeDirectory,
    agentDirectory,
    certificates: [
      { path: hostPaths.ca, content: target.tls.ca, mode: 0o644 },
      { path: hostPaths.serverCertificate, content: target.tls.serverCertificate, mode: 0o644 },
      { path: hostPaths.serverKey, content: target.tls.serverKey, mode: 0o600 },
    ],
    files: [
      { path: hostPaths.launcher, content: launcher, mode: 0o755 },
      { path: hostPaths.agentConfig, content: agentConfig(target), mode: 0o644 },
      ...(await serviceManager(facts.serviceManager).files()),
      ...(await dockerShim(facts)),
    ],
  };
}

/** Only where no docker is, or where it is ours already. */
async function dockerShim(facts: HostFacts): Promise<readonly HostFile[]> {
  const content = await renderTemplate('agent/docker.sh');
  const ours = facts.files.get(hostPaths.dockerShim) === hexDigest(content);
  if (facts.commands.has('docker') && !ours) return [];
  return [{ path: hostPaths.dockerShim, content, mode: 0o755 }];
}

/** Those whose content on the host is another one, or which are not there. */
export function changedFiles(files: readonly HostFile[], facts: HostFacts): readonly HostFile[] {
  return files.filter(({ path, content }) => facts.files.get(path) !== hexDigest(content));
}

function hexDigest(content: string): string {
  return digestHex(digestOf(content));
}

function agentConfig(target: ProvisionTarget): string {
  const config = {
    dataRoot: hostPaths.data,
    runRoot: hostPaths.run,
    socket: hostPaths.socket,
    listen: { host: '::', port: target.port },
    tls: { ca: hostPaths.ca, certificate: hostPaths.serverCertificate, key: hostPaths.serverKey },
    labels: target.labels,
    insecureRegistries: target.insecureRegistries,
    registryMirrors: target.registryMirrors,
    ...(target.usernsRemap && { usernsRemap: target.usernsRemap }),
    ...(target.proxies && { proxies: target.proxies }),
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
