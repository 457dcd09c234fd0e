import { fragment, sh } from '../ssh/command.js';
import type { SshConnection } from '../ssh/transport.js';
import { type AgentBundle, loadAgentBundle } from './agent-bundle.js';
import { changedFiles, type DesiredState, desiredState } from './desired-state.js';
import { findDistribution, packagesFor, requiredCommands } from './distributions.js';
import {
  agentNotStarted,
  kernelTooOld,
  muslNotSupported,
  noSpace,
  notLinux,
  packagesFailed,
  remoteCommandFailed,
  unknownDistribution,
} from './errors.js';
import type { HostFacts } from './host-facts.js';
import { hostPaths } from './host-paths.js';
import { type HostFile, installAgent, installFiles, installNode } from './install-files.js';
import { lookAtHost } from './look.js';
import type { ProvisionContext, Provisioner, ProvisionResult, ProvisionTarget } from './provisioner.js';
import type { RootShell } from './root-shell.js';
import { serviceManager } from './service-managers.js';

/** What a step works with. */
interface Work {
  readonly root: RootShell;
  readonly facts: HostFacts;
  readonly desired: DesiredState;
  readonly bundle: AgentBundle;
  readonly startTimeoutMs: number;
  /** Factor of all deadlines. */
  readonly patience: number;
}

interface Step {
  readonly title: string;
  /** Whether the host lacks what this step brings. */
  needed(work: Work): boolean;
  apply(work: Work): Promise<void>;
}

const packageTimeout = 20 * 60 * 1000;
/** Beyond the files themselves, so that a host is not filled to the brim. */
const spaceMargin = 64 * 2 ** 20;

export interface SshProvisionerOptions {
  readonly loadBundle?: typeof loadAgentBundle;
  /** How long the agent may take until it answers. */
  readonly startTimeoutMs?: number;
}

export class SshProvisioner implements Provisioner {
  readonly #loadBundle: typeof loadAgentBundle;
  readonly #startTimeoutMs: number;

  constructor({ loadBundle = loadAgentBundle, startTimeoutMs = 30_000 }: SshProvisionerOptions = {}) {
    this.#loadBundle = loadBundle;
    this.#startTimeoutMs = startTimeoutMs;
  }

  async provision(
    connection: SshConnection,
    target: ProvisionTarget,
    { signal, reporter }: ProvisionContext,
  ): Promise<ProvisionResult> {
    reporter.step('Looking at the host');
    const patience = target.patience ?? 1;
    const { facts, root } = await lookAtHost(connection, signal, patience);
    if (facts.system !== 'Linux') throw notLinux(facts.system);
    if (isOlder(facts.kernel, NEEDED_KERNEL)) throw kernelTooOld(facts.kernel, NEEDED_KERNEL);
    if (facts.musl) throw muslNotSupported(facts.os.prettyName);
    const bundle = await this.#loadBundle(facts, signal);
    const desired = await desiredState(facts, target, bundle);
    const startTimeoutMs = this.#startTimeoutMs * patience;
    const work = { root, facts, bundle, desired, startTimeoutMs, patience };

    const applied: string[] = [];
    for (const step of steps) {
      if (!step.needed(work)) continue;
      signal.throwIfAborted();
      reporter.step(step.title);
      await step.apply(work);
      applied.push(step.title);
    }
    return { operatingSystem: facts.os.prettyName, architecture: facts.machine, applied };
  }
}

/** Stands on the host while the agent has not yet taken up what was written, whatever becomes of the connection. */
const restartMarker: HostFile = { path: hostPaths.restartMarker, content: '', mode: 0o600 };

const packages: Step = {
  title: 'Installing packages',
  needed: ({ facts }) => missingCommands(facts).length > 0,
  async apply({ facts, root, patience }) {
    const commands = missingCommands(facts);
    const distribution = findDistribution(facts.os);
    if (!distribution) throw unknownDistribution(facts.os.prettyName, commands);
    const install = distribution.packages.install(packagesFor(distribution, commands));
    const result = await root.run(install, { timeoutMs: packageTimeout * patience });
    if (/no space left on device|not enough free (disk )?space/i.test(`${result.stderr}${result.stdout}`)) {
      throw noSpace('/', 0);
    }
    if (result.code !== 0) throw packagesFailed(distribution.packages.name, result);
  },
};

const node: Step = {
  title: 'Sending Node',
  needed: ({ facts, desired }) => !facts.programs.has(desired.nodeDirectory),
  async apply({ root, facts, desired, bundle }) {
    const needed = bundle.node.size + spaceMargin;
    if (facts.freePrograms < needed) throw noSpace(hostPaths.programs, needed, facts.freePrograms);
    await installNode(root, bundle.node, desired.nodeDirectory);
  },
};

const agent: Step = {
  title: 'Sending the agent',
  needed: ({ facts, desired }) => !facts.programs.has(desired.agentDirectory),
  apply: ({ root, desired, bundle }) => installAgent(root, bundle.files, desired.agentDirectory),
};

const certificates: Step = {
  title: 'Installing certificates',
  needed: ({ facts, desired }) => changedFiles(desired.certificates, facts).length > 0,
  async apply({ root, facts, desired }) {
    await installFiles(root, [restartMarker, ...changedFiles(desired.certificates, facts)]);
    if (!facts.serving || facts.restartNeeded) return; // the next step starts it
    const { reload } = serviceManager(facts.serviceManager);
    const result = await root.run(sh`${fragment(reload)} && rm -f ${hostPaths.restartMarker}`);
    if (result.code !== 0) throw remoteCommandFailed('reloading the certificates', result);
  },
};

const service: Step = {
  title: 'Starting the agent',
  needed: ({ facts, desired }) =>
    changedFiles(desired.files, facts).length > 0 || facts.restartNeeded || !facts.serving,
  async apply({ root, facts, desired, startTimeoutMs, patience }) {
    await installFiles(root, [restartMarker, ...changedFiles(desired.files, facts)]);
    const manager = serviceManager(facts.serviceManager);
    const result = await root.run(manager.restart, { timeoutMs: 60_000 * patience });
    if (result.code !== 0) throw remoteCommandFailed('starting the agent', result);
    // A ping starts a Node: where that is slow, it is not to compete with the agent's own start.
    const ready = await root.run(
      sh`n=0; until [ -e ${hostPaths.socket} ] && ${hostPaths.launcher} ping >/dev/null 2>&1; do n=$((n + 1)); [ $n -lt ${startTimeoutMs / 200} ] || exit 1; sleep 0.2; done; rm -f ${hostPaths.restartMarker}`,
      { timeoutMs: 4 * startTimeoutMs },
    );
    if (ready.code !== 0) throw agentNotStarted((await root.run(manager.log)).stdout.trim());
  },
};

const cleanUp: Step = {
  title: 'Removing old versions',
  needed: ({ facts, desired }) => oldPrograms(facts, desired).length > 0,
  async apply({ root, facts, desired }) {
    await root.run(sh`rm -rf ${oldPrograms(facts, desired)}`);
  },
};

const steps: readonly Step[] = [packages, node, agent, certificates, service, cleanUp];

function missingCommands(facts: HostFacts): (typeof requiredCommands)[number][] {
  return requiredCommands.filter((command) => !facts.commands.has(command));
}

function oldPrograms(facts: HostFacts, { nodeDirectory, agentDirectory }: DesiredState): string[] {
  return [...facts.programs].filter((program) => program !== nodeDirectory && program !== agentDirectory);
}

/** openat2(2), by which the agent opens files in containers. */
const NEEDED_KERNEL = '5.6';

/** Of versions such as "5.10.0-30-amd64"; false where one has no number. */
function isOlder(version: string, needed: string): boolean {
  const [major = Number.NaN, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [neededMajor = 0, neededMinor = 0] = needed.split('.').map(Number);
  return major < neededMajor || (major === neededMajor && minor < neededMinor);
}
