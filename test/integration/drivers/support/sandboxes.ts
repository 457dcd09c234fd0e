import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SandboxDriver } from '../../../../src/drivers/sandbox/driver.js';
import type { SandboxInstance } from '../../../../src/drivers/sandbox/instance.js';
import type { SandboxOptions } from '../../../../src/drivers/sandbox/options.js';
import { removeSandbox } from '../../../../src/drivers/sandbox/power.js';
import type { SandboxSite } from '../../../../src/drivers/sandbox/site.js';
import { silentReporter } from '../../../../src/shared/reporter.js';
import { type CommandResult, run, runOrThrow } from '../../../../src/shared/spawn.js';

export const defaults: SandboxOptions = { base: '/', memory: undefined, cpus: undefined, subnet: undefined };

/** A site and a store of the test's own; disposal removes every sandbox that was made. */
export class TestSite implements AsyncDisposable {
  readonly site: SandboxSite;
  readonly driver: SandboxDriver;
  readonly directory: string;
  readonly checkpoints: SandboxInstance[] = [];

  constructor(directory: string, subnet: string) {
    const name = randomBytes(3).toString('hex');
    this.directory = directory;
    this.site = {
      stateDirectory: `/var/lib/tsmachine-test-${name}`,
      lockFile: `/run/tsmachine-test-${name}.lock`,
      bridge: `tsmt${name}`,
      subnet,
      nftTable: `tsmachine_test_${name}`,
      ruleComment: `tsmachine-test-${name}`,
      cgroup: `tsmachine-test-${name}`,
    };
    this.driver = new SandboxDriver(this.site);
  }

  context(signal = new AbortController().signal) {
    return { signal, reporter: silentReporter };
  }

  createContext(machineName: string, signal?: AbortSignal) {
    return {
      ...this.context(signal),
      machineName,
      directory: this.directory,
      ownerTag: 'test',
      checkpoint: async (instance: SandboxInstance) => {
        this.checkpoints.push(instance);
      },
    };
  }

  async create(machineName: string, options: Partial<SandboxOptions> = {}): Promise<SandboxInstance> {
    const directory = await mkdtemp(join(this.directory, 'machine-'));
    const context = { ...this.createContext(machineName), directory };
    const instance = await this.driver.create({ ...defaults, ...options }, context);
    return { ...instance, identityFile: join(directory, instance.identityFile) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of new Set(this.checkpoints.map((instance) => instance.id)))
      await removeSandbox(this.site, id);
    await rm(this.directory, { recursive: true, force: true });
  }
}

export async function testSite(subnet = '10.197.0.0/24'): Promise<TestSite> {
  return new TestSite(await mkdtemp(join(tmpdir(), 'tsmachine-sandbox-')), subnet);
}

/** With the system's own client, which insists on the pinned host key. */
export async function sshTo(instance: SandboxInstance, command: string): Promise<CommandResult> {
  const knownHosts = `${instance.identityFile}.known_hosts`;
  await runOrThrow(['sh', '-c', 'cat >"$1"', 'sh', knownHosts], {
    input: `${instance.address} ${instance.hostKey}\n`,
  });
  return run(
    [
      ...['ssh', '-F', 'none', '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none'],
      ...['-o', 'StrictHostKeyChecking=yes', '-o', `UserKnownHostsFile=${knownHosts}`],
      ...['-o', 'ConnectTimeout=5', '-o', 'ConnectionAttempts=5'],
      ...['-i', instance.identityFile, `root@${instance.address}`, command],
    ],
    { timeoutMs: 30_000 },
  );
}

/** Everything of this machine that a sandbox could leave behind, as far as it has one of the given names. */
export async function traces(names: readonly string[]): Promise<readonly string[]> {
  const outputs = await Promise.all([
    readFile('/proc/self/mounts', 'utf8'),
    outputOf(['ip', '-oneline', 'link']),
    outputOf(['ip', '-4', 'route', 'show', 'table', 'all']),
    outputOf(['nft', 'list', 'tables']),
    outputOf(['ps', '-eo', 'pid,args']),
    listing('/var/lib'),
    listing('/run'),
    outputOf(['find', '/sys/fs/cgroup', '-type', 'd', '-name', '*tsmachine*']),
    outputOf(['losetup', '--list']),
  ]);
  return outputs
    .join('\n')
    .split('\n')
    .filter((line) => names.some((name) => line.includes(name)) && !line.includes('ps -eo'));
}

export function namesOf({ site, checkpoints }: TestSite): readonly string[] {
  return [site.bridge, site.nftTable, site.cgroup, ...checkpoints.map(({ id }) => id.slice(-8))];
}

async function outputOf(argv: readonly string[]): Promise<string> {
  return (await run(argv)).stdout;
}

async function listing(directory: string): Promise<string> {
  return (await readdir(directory)).join('\n');
}
