import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SandboxDriver } from '../../../src/drivers/sandbox/driver.js';
import { type SandboxInstance, stateOf } from '../../../src/drivers/sandbox/instance.js';
import { removeSandbox } from '../../../src/drivers/sandbox/power.js';
import type { SandboxSite } from '../../../src/drivers/sandbox/site.js';
import { silentReporter } from '../../../src/shared/reporter.js';
import { sshAnswers, sshToSandbox } from '../bare-host.js';
import { cloudConfigOf, userDataCommands } from './cloud-init.js';
import type { Guests } from './resources.js';

const site: SandboxSite = {
  stateDirectory: '/var/lib/tsmachine-ec2-guests',
  lockFile: '/run/tsmachine-ec2-guests.lock',
  bridge: 'tsm-ec2',
  subnet: '10.211.0.0/24',
  nftTable: 'tsmachine_ec2',
  ruleComment: 'tsmachine-ec2',
  cgroup: 'tsmachine-ec2',
};

/** Sandboxes of this machine, with user "ubuntu", that read user data as cloud-init does. Needs root. */
export function sandboxGuests(): Guests & AsyncDisposable {
  const driver = new SandboxDriver(site);
  const context = { signal: new AbortController().signal, reporter: silentReporter };
  const hosts = new Map<string, { instance: SandboxInstance; readonly directory: string }>();
  const booting = new Map<string, Promise<string>>();
  let nextAddress = 100;

  const hostOf = (id: string) => {
    const host = hosts.get(id);
    if (!host) throw new Error(`no guest for ${id}`);
    return host;
  };
  const remove = async (id: string) => {
    await booting.get(id)?.catch(() => {});
    booting.delete(id);
    const host = hosts.get(id);
    if (!host) return;
    await removeSandbox(site, host.instance.id);
    await rm(host.directory, { recursive: true, force: true });
    hosts.delete(id);
  };

  const boot = async (id: string, userData: string): Promise<string> => {
    const directory = await mkdtemp(join(tmpdir(), 'tsmachine-ec2-'));
    const made = await driver.create(
      { base: '/', memory: undefined, cpus: undefined, subnet: undefined },
      {
        ...context,
        machineName: 'guest',
        directory,
        ownerTag: 'test',
        checkpoint: async (made: SandboxInstance) => void hosts.set(id, { instance: made, directory }),
      },
    );
    const instance = { ...made, identityFile: join(directory, made.identityFile) };
    await sshAnswers(instance);
    for (const { script, input } of userDataCommands(cloudConfigOf(userData), 'ubuntu')) {
      const { code, stderr } = await sshToSandbox(instance, ['sh', '-c', script], input);
      if (code !== 0) throw new Error(`user data: "${script}": ${stderr}`);
    }
    return instance.address ?? '';
  };

  return {
    boot(id, userData) {
      const booted = boot(id, userData);
      booting.set(id, booted);
      return booted;
    },
    async start(id) {
      const host = hostOf(id);
      const address = `10.211.0.${nextAddress++}`;
      await writeFile(join(stateOf(site, host.instance.id), 'address'), `${address}\n`);
      host.instance = await driver.start({ ...host.instance, address }, context);
      return address;
    },
    async stop(id, force) {
      const { instance } = hostOf(id);
      await (force ? driver.kill(instance, context) : driver.stop(instance, context));
    },
    async reboot(id) {
      const { instance } = hostOf(id);
      await driver.stop(instance, context);
      await driver.start(instance, context);
    },
    remove,
    async [Symbol.asyncDispose]() {
      for (const id of [...hosts.keys()]) await remove(id);
    },
  };
}
