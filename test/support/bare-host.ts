import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SandboxDriver } from '../../src/drivers/sandbox/driver.js';
import type { SandboxInstance } from '../../src/drivers/sandbox/instance.js';
import { removeSandbox } from '../../src/drivers/sandbox/power.js';
import type { SandboxSite } from '../../src/drivers/sandbox/site.js';
import { readSshBanner } from '../../src/drivers/ssh/banner.js';
import { lockFile } from '../../src/shared/file-lock.js';
import { silentReporter } from '../../src/shared/reporter.js';
import { type CommandResult, run, runOrThrow } from '../../src/shared/spawn.js';
import { waitUntil } from '../../src/shared/wait-until.js';
import { quote } from '../../src/ssh/command.js';

export interface BareHostOptions {
  /** Root file system, such as `ensureDebianTree()` gives; default: this machine's. */
  readonly base?: string;
  /** Debian packages to install before the host is handed out. */
  readonly packages?: readonly string[];
  /** A user with the same key, with or without passwordless sudo; `exec` stays root's. */
  readonly user?: { readonly name: string; readonly sudo: boolean };
  /** Such as "512m". */
  readonly memory?: string;
}

/** A host with sshd and nothing of ours on it; removed by disposal with all that was done there. */
export interface BareHost extends AsyncDisposable {
  readonly address: string;
  readonly port: number;
  readonly keyFile: string;
  /** "ssh-ed25519 AAAA…" */
  readonly hostKey: string;
  /** As root, over SSH, whatever the exit code. */
  exec(argv: readonly string[], input?: string): Promise<CommandResult>;
  /** Power, without touching files. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Apart from the user's sandboxes, so that tests of those see only theirs. */
const site: SandboxSite = {
  stateDirectory: '/var/lib/tsmachine-bare-hosts',
  lockFile: '/run/tsmachine-bare-hosts.lock',
  bridge: 'tsm-bare',
  subnet: '10.212.0.0/24',
  nftTable: 'tsmachine_bare',
  ruleComment: 'tsmachine-bare',
  cgroup: 'tsmachine-bare',
};

export async function startBareHost(options: BareHostOptions = {}): Promise<BareHost> {
  const directory = await mkdtemp(join(tmpdir(), 'tsmachine-bare-'));
  const driver = new SandboxDriver(site);
  const context = { signal: new AbortController().signal, reporter: silentReporter };
  let id: string | undefined;
  const dispose = async () => {
    if (id !== undefined) await removeSandbox(site, id);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const made = await driver.create(
      { base: options.base ?? '/', memory: options.memory, cpus: undefined, subnet: undefined },
      {
        ...context,
        machineName: 'bare',
        directory,
        ownerTag: 'test',
        checkpoint: async (made: SandboxInstance) => {
          id = made.id;
        },
      },
    );
    const instance = { ...made, identityFile: join(directory, made.identityFile) };
    const host: BareHost = {
      ...driver.sshEndpoint(instance),
      address: driver.sshEndpoint(instance).host,
      keyFile: instance.identityFile,
      hostKey: instance.hostKey,
      exec: (argv, input) => sshToSandbox(instance, argv, input),
      stop: async () => void (await driver.stop(instance, context)),
      start: async () => {
        await driver.start(instance, context);
        await sshAnswers(instance);
      },
      [Symbol.asyncDispose]: dispose,
    };
    await sshAnswers(instance);
    await installPackages(host, options.packages ?? []);
    if (options.user) await addUser(host, options.user);
    return host;
  } catch (error) {
    await dispose();
    throw error;
  }
}

/**
 * A Debian 12 with nothing but what sshd and sudo need, built once per machine (about a minute) and then reused.
 * For `base`; never written to.
 */
export async function ensureDebianTree(): Promise<string> {
  const cache = '/var/cache/tsmachine-test';
  const tree = join(cache, 'debian12-v1');
  await mkdir(cache, { recursive: true, mode: 0o755 });
  await using _lock = await lockFile(join(cache, 'lock'), { timeoutMs: 600_000 });
  if (await exists(join(tree, 'usr/sbin/sshd'))) return tree;
  const building = join(cache, 'building');
  await rm(building, { recursive: true, force: true });
  await runOrThrow(
    ['mmdebstrap', '--quiet', '--variant=minbase', '--include=openssh-server,sudo', 'bookworm', building],
    { timeoutMs: 600_000, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } },
  );
  await rename(building, tree);
  return tree;
}

/** As root, with the driver's own key, whatever the exit code. */
export async function sshToSandbox(
  instance: SandboxInstance,
  argv: readonly string[],
  input?: string,
): Promise<CommandResult> {
  const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'IdentityAgent=none', 'LogLevel=ERROR'];
  // The key is new with every host and travels nowhere.
  options.push('StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ConnectTimeout=5');
  return run(
    [
      'ssh',
      ...['-F', 'none', ...options.flatMap((option) => ['-o', option])],
      ...['-i', instance.identityFile, `root@${instance.address}`, argv.map(quote).join(' ')],
    ],
    { timeoutMs: 300_000, ...(input !== undefined && { input }) },
  );
}

/** Returns when sshd says its name. */
export async function sshAnswers(instance: SandboxInstance): Promise<void> {
  const probe = () =>
    readSshBanner(instance.address ?? '', 22, AbortSignal.timeout(1_000)).catch(() => undefined);
  await waitUntil(probe, { what: 'sshd of the bare host', timeoutMs: 30_000, intervalMs: 20 });
}

async function installPackages(host: BareHost, packages: readonly string[]): Promise<void> {
  if (packages.length === 0) return;
  await expectOk(host, ['apt-get', '-q', 'update']);
  await expectOk(host, [
    ...['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qy', 'install', '--no-install-recommends'],
    ...packages,
  ]);
}

async function addUser(host: BareHost, user: { name: string; sudo: boolean }): Promise<void> {
  // A password of "*" matches nothing; without any the account would count as locked.
  await expectOk(host, ['useradd', '--create-home', '--shell', '/bin/bash', '--password', '*', user.name]);
  const home = `/home/${user.name}`;
  await expectOk(host, ['cp', '-a', '/root/.ssh', `${home}/.ssh`]);
  await expectOk(host, ['chown', '-R', `${user.name}:${user.name}`, `${home}/.ssh`]);
  if (!user.sudo) return;
  const rule = `${user.name} ALL=(ALL:ALL) NOPASSWD: ALL\n`;
  await expectOk(host, ['sh', '-c', 'umask 227; cat >/etc/sudoers.d/test-user'], rule);
}

async function expectOk(host: BareHost, argv: readonly string[], input?: string): Promise<void> {
  const { code, stderr, stdout } = await host.exec(argv, input);
  if (code !== 0) throw new Error(`"${argv.join(' ')}" on the bare host: ${stderr.trim() || stdout.trim()}`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
