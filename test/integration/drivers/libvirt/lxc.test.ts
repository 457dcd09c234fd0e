import { access, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LibvirtInstance } from '../../../../src/drivers/libvirt/instance.js';
import { openConnection } from '../../../../src/drivers/libvirt/native/open-connection.js';
import type { LibvirtOptions } from '../../../../src/drivers/libvirt/options.js';
import { UriDriver } from '../../../../src/drivers/libvirt/uri-driver.js';
import { readSshBanner } from '../../../../src/drivers/ssh/banner.js';
import { silentReporter } from '../../../../src/shared/reporter.js';
import { run } from '../../../../src/shared/spawn.js';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { ensureDebianTree } from '../../../support/bare-host.js';
import { startOpenNetwork } from '../../../support/libvirt-network.js';
import { type Libvirtd, startLibvirtd } from '../../../support/libvirtd.js';
import { libvirtOptions } from './support/options.js';

const driver = new UriDriver(openConnection);
const context = { signal: new AbortController().signal, reporter: silentReporter };
let daemon: Libvirtd;
let network: AsyncDisposable;
let rootfs: string;

beforeAll(async () => {
  rootfs = await ensureDebianTree();
  daemon = await startLibvirtd();
  network = await startOpenNetwork(daemon.lxcUri, {
    name: 'lxc',
    bridge: 'tsm-lxc-test',
    subnet: '10.211.78',
  });
}, 600_000);

afterAll(async () => {
  await network?.[Symbol.asyncDispose]();
  await daemon?.[Symbol.asyncDispose]();
});

test('a container is made from a directory, entered over SSH, paused, stopped, started and removed', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tsm-lxc-'));
  let recorded: LibvirtInstance | undefined;
  await driver.preCreateCheck(options(), context);
  let instance = await driver.create(options(), {
    ...context,
    machineName: 'ada',
    directory,
    ownerTag: 'tsmachine-test-ada',
    checkpoint: async (made) => {
      recorded = made;
    },
  });
  try {
    expect(recorded).toMatchObject({ domain: instance.domain, rootDirectory: instance.rootDirectory });
    await answers(instance);
    expect(await overSsh(instance, directory, 'id -u; hostname; cat /etc/os-release')).toMatch(
      /^0\nada\n.*Debian/,
    );

    await driver.suspend(instance, context);
    expect(await driver.inspect(instance, context)).toEqual({ state: 'paused' });
    await driver.resume(instance, context);
    expect(await overSsh(instance, directory, 'echo kept >/root/file')).toBe('');

    await driver.stop(instance, context);
    expect(await driver.inspect(instance, context)).toEqual({ state: 'stopped' });
    instance = await driver.start(instance, context);
    await answers(instance);
    expect(await overSsh(instance, directory, 'cat /root/file')).toBe('kept\n');
    expect(await driver.inspect(instance, context)).toEqual({ state: 'running', address: instance.address });
    await driver.kill(instance, context);
    expect(await driver.inspect(instance, context)).toEqual({ state: 'stopped' });

    expect(await driver.findOwned(options(), 'tsmachine-test-', context)).toEqual([
      { kind: 'domain', id: instance.domain, ownerTag: 'tsmachine-test-ada' },
      { kind: 'root file system', id: instance.domain, ownerTag: 'tsmachine-test-ada' },
    ]);
  } finally {
    await driver.remove(instance, context);
    await rm(directory, { recursive: true, force: true });
  }
  await driver.remove(instance, context);
  await expect(access(instance.rootDirectory ?? '')).rejects.toMatchObject({ code: 'ENOENT' });
  expect(await driver.inspect(instance, context)).toMatchObject({ state: 'error' });
  await expect(access(join(rootfs, '.tsmachine'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a container that cannot be made leaves nothing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tsm-lxc-'));
  const broken = { ...options(), init: '/no/such/program' };
  const making = driver.create(broken, {
    ...context,
    machineName: 'bad',
    directory,
    ownerTag: 'tsmachine-test-bad',
    checkpoint: async () => {},
  });
  await expect(making).rejects.toMatchObject({ code: expect.stringMatching(/DOMAIN_STOPPED|LIBVIRT_/) });
  await rm(directory, { recursive: true, force: true });

  expect(await driver.findOwned(options(), 'tsmachine-test-bad', context)).toEqual([]);
  expect(await readdir('/var/lib/tsmachine-lxc')).not.toContain('tsmachine-test-bad');
});

function options(): LibvirtOptions {
  return libvirtOptions({ uri: daemon.lxcUri, rootfs, memory: '512', network: 'lxc' });
}

async function answers(instance: LibvirtInstance): Promise<void> {
  await waitUntil(
    () => readSshBanner(instance.address ?? '', 22, AbortSignal.timeout(1000)).catch(() => undefined),
    { what: 'sshd of the container', timeoutMs: 30_000, intervalMs: 50 },
  );
}

async function overSsh(instance: LibvirtInstance, directory: string, command: string): Promise<string> {
  const known = join(directory, 'known_hosts');
  await run(['sh', '-c', `echo "${instance.address} ${instance.hostKey}" >"${known}"`]);
  const { code, stdout, stderr } = await run(
    [
      ...['ssh', '-F', 'none', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes'],
      ...['-o', `UserKnownHostsFile=${known}`, '-o', 'IdentitiesOnly=yes', '-o', 'LogLevel=ERROR'],
      ...['-i', join(directory, instance.identityFile ?? ''), `root@${instance.address}`, command],
    ],
    { timeoutMs: 30_000 },
  );
  if (code !== 0) throw new Error(`"${command}" in the container: ${stderr || stdout || code}`);
  return stdout;
}
