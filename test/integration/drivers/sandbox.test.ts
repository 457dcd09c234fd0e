import { access, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { SandboxInstance } from '../../../src/drivers/sandbox/instance.js';
import { newInstance, newSandboxId, stateOf } from '../../../src/drivers/sandbox/instance.js';
import { identify, runningInit } from '../../../src/drivers/sandbox/processes.js';
import { reserve } from '../../../src/drivers/sandbox/reservations.js';
import { run } from '../../../src/shared/spawn.js';
import { waitUntil } from '../../../src/shared/wait-until.js';
import { defaults, namesOf, sshTo, type TestSite, testSite, traces } from './support/sandboxes.js';

test('create() makes two hosts at once, that reach each other and this machine', async () => {
  await using site = await testSite('10.191.0.0/24');
  await using server = await greetingServer();

  const [one, two] = await Promise.all([site.create('one'), site.create('two')]);

  expect(one.address).not.toBe(two.address);
  expect(await sshTo(one, 'hostname; id -u; cat /proc/1/comm')).toMatchObject({
    code: 0,
    stdout: 'one\n0\nsh\n',
  });
  expect(await sshTo(two, `exec 3<>/dev/tcp/${one.address}/22; head -c 4 <&3`)).toMatchObject({
    stdout: 'SSH-',
  });
  expect(await sshTo(two, `exec 3<>/dev/tcp/10.191.0.1/${server.port}; cat <&3`)).toMatchObject({
    stdout: 'hello from the machine',
  });
});

test('a sandbox sees the operating system of its base and nothing else of this machine', async () => {
  await using site = await testSite('10.192.0.0/24');
  const instance = await site.create('private');

  const { stdout } = await sshTo(
    instance,
    [
      'ls /usr/bin/env',
      'find /root /home /mnt /srv /var/lib/tsmachine /run/docker* -type f 2>/dev/null | grep -v "^/root/\\."',
      'ls -d /etc/ssh/ssh_host_* /work /var/lib/tsmachine-* 2>/dev/null',
      'tr "\\0" "\\n" </proc/1/environ | cut -d= -f1 | sort | tr "\\n" " "; echo',
      'grep "^root:" /etc/shadow | cut -d: -f2',
      'awk \'$2 ~ "old|tsmachine-test" {print $2}\' /proc/self/mounts',
      'ls /proc | grep -c "^[0-9]" | awk \'{print ($1 < 20)}\'',
      'ls /sys/class/net | tr "\\n" " "',
      'cat /proc/self/cgroup | grep -vE ":/(init)?$"',
      'true',
    ].join('; '),
  );

  expect(stdout.split('\n')).toEqual([
    '/usr/bin/env',
    '/etc/ssh/ssh_host_ed25519_key',
    '/etc/ssh/ssh_host_ed25519_key.pub',
    'HOME PATH container ',
    '*',
    '1',
    expect.stringMatching(/^eth0 .*lo /),
  ]);
});

test('what a sandbox mounts and changes is not seen on this machine', async () => {
  await using site = await testSite('10.193.0.0/24');
  const instance = await site.create('quiet');
  const mounts = await readFile('/proc/self/mounts', 'utf8');

  await sshTo(instance, 'mount -t tmpfs t /mnt; echo changed >/etc/motd; echo x >/usr/bin/new-in-sandbox');

  expect(mounts).not.toContain(instance.id);
  expect(await readFile('/proc/self/mounts', 'utf8')).not.toContain(instance.id);
  expect(await readFile('/etc/motd', 'utf8')).not.toBe('changed\n');
  await expect(access('/usr/bin/new-in-sandbox')).rejects.toThrow('ENOENT');
});

test('stop() and start() keep the files and the address, and run /etc/local.d again', async () => {
  await using site = await testSite('10.194.0.0/24');
  const instance = await site.create('lasting');
  const context = site.context();
  await sshTo(
    instance,
    `echo kept >/etc/kept; echo data >/var/lib/tsmachine/data
     cat /sys/class/net/eth0/address >/etc/mac
     mkdir -p /etc/local.d; printf '#!/bin/sh\\ntouch /run/started\\n' >/etc/local.d/x.start; chmod +x /etc/local.d/x.start`,
  );

  await site.driver.stop(instance, context);
  expect(await site.driver.inspect(instance)).toEqual({ state: 'stopped' });
  expect(await traces([instance.id.slice(-8)])).toEqual([]);
  await site.driver.stop(instance, context);
  await site.driver.start(instance, context);
  await site.driver.start(instance, context);

  expect(await site.driver.inspect(instance)).toEqual({ state: 'running', address: instance.address });
  expect(await sshTo(instance, 'cat /etc/kept /var/lib/tsmachine/data; ls /run/started')).toMatchObject({
    stdout: 'kept\ndata\n/run/started\n',
  });
  // Neighbours remember the hardware address for minutes: with another one they would not reach the host.
  expect(await sshTo(instance, 'cmp /etc/mac /sys/class/net/eth0/address')).toMatchObject({ code: 0 });
});

test('stop() lets processes end by SIGTERM', async () => {
  await using site = await testSite('10.195.0.0/24');
  const instance = await site.create('polite');
  await sshTo(
    instance,
    `setsid sh -c 'trap "sleep 0.5; echo ended >/var/lib/tsmachine/ended; exit" TERM; touch /run/ready; while :; do sleep 0.1; done' >/dev/null 2>&1 &
     until [ -e /run/ready ]; do sleep 0.05; done`,
  );

  await site.driver.stop(instance, site.context());

  expect(await readFile(join(stateOf(site.site, instance.id), 'data/ended'), 'utf8')).toBe('ended\n');
});

test('kill() ends what ignores every signal, at once', async () => {
  await using site = await testSite('10.196.0.0/24');
  const instance = await site.create('stubborn');
  await sshTo(
    instance,
    `setsid sh -c 'trap "" TERM INT HUP; touch /run/ready; while :; do sleep 1; done' >/dev/null 2>&1 &
     until [ -e /run/ready ]; do sleep 0.05; done`,
  );

  const began = performance.now();
  await site.driver.kill(instance, site.context());
  await site.driver.kill(instance, site.context());

  expect(performance.now() - began).toBeLessThan(9_000);
  expect(await site.driver.inspect(instance)).toEqual({ state: 'stopped' });
});

test('init restarts sshd and reaps orphans', async () => {
  await using site = await testSite('10.198.0.0/24');
  const instance = await site.create('reaper');

  await sshTo(instance, `kill -9 $(pidof sshd | tr " " "\\n" | sort -n | head -n 1); (sleep 0.1 &) `);
  let last = '';
  const isReaped = async () => {
    const zombies = await sshTo(instance, 'ps -eo stat,comm | grep "^Z" || echo none').catch(String);
    last = JSON.stringify(zombies);
    return typeof zombies !== 'string' && zombies.stdout === 'none\n' ? true : undefined;
  };
  await waitUntil(isReaped, { what: 'sshd without zombies', timeoutMs: 30_000, lastSeen: () => last });
});

test('remove() leaves nothing', async () => {
  await using site = await testSite('10.199.0.0/24');
  const [one, two] = await Promise.all([site.create('one'), site.create('two')]);
  await sshTo(
    one,
    'setsid sleep 1000 >/dev/null 2>&1 & ip netns add inner; mkdir /sys/fs/cgroup/memory/below || mkdir /sys/fs/cgroup/below',
  );
  const names = namesOf(site);
  expect((await traces(names)).length).toBeGreaterThan(7);

  await site.driver.remove(one);
  expect(await sshTo(two, 'true')).toMatchObject({ code: 0 });
  await site.driver.remove(two);
  await site.driver.remove(two);

  expect(await traces(names)).toEqual([]);
});

test('remove() cleans up after a create() that was killed at a checkpoint', async () => {
  await using site = await testSite('10.200.0.0/24');
  const planned = plannedInstance(site);
  site.checkpoints.push(planned);

  await site.driver.remove(planned); // nothing but the record
  await reserve(site.site, planned.id, 'test', undefined, new AbortController().signal);
  await site.driver.remove(planned);

  expect(await traces(namesOf(site))).toEqual([]);
});

test('remove() finds a running sandbox whose process was never recorded', async () => {
  await using site = await testSite('10.201.0.0/24');
  const instance = await site.create('unrecorded');
  const file = join(stateOf(site.site, instance.id), 'init.json');
  const init = await runningInit(stateOf(site.site, instance.id));
  await writeFile(file, '{"pid"');

  await site.driver.remove(instance);

  expect(init && (await identify(init.pid))).toBeUndefined();
  expect(await traces(namesOf(site))).toEqual([]);
});

test('stop() does not signal a process that has taken the recorded process id', async () => {
  await using site = await testSite('10.202.0.0/24');
  const instance = await site.create('stale');
  const state = stateOf(site.site, instance.id);
  const init = await runningInit(state);
  await site.driver.kill(instance, site.context());
  await writeFile(join(state, 'init.json'), JSON.stringify({ ...init, pid: process.pid }));

  await site.driver.stop(instance, site.context());

  expect(await site.driver.inspect(instance)).toEqual({ state: 'stopped' });
});

test('create() leaves nothing when it is cancelled', async () => {
  await using site = await testSite('10.203.0.0/24');
  const controller = new AbortController();
  const context = {
    ...site.createContext('cancelled', controller.signal),
    checkpoint: async (instance: SandboxInstance) => {
      site.checkpoints.push(instance);
      if (instance.address !== undefined) controller.abort(new Error('enough'));
    },
  };

  await expect(site.driver.create(defaults, context)).rejects.toThrow('enough');

  expect(await traces(namesOf(site))).toEqual([]);
});

test('create() limits memory and processors', async () => {
  await using site = await testSite('10.204.0.0/24');
  const instance = await site.create('small', { memory: '64m', cpus: '0.5' });

  const { stdout } = await sshTo(
    instance,
    `cd /sys/fs/cgroup
     cat memory/memory.limit_in_bytes 2>/dev/null || cat memory.max
     cat cpu/cpu.cfs_quota_us 2>/dev/null || cut -d' ' -f1 cpu.max
     head -c 200m /dev/zero | tail -n 1 >/dev/null; echo $?`,
  );

  expect(stdout).toBe('67108864\n50000\n137\n');
});

test('create() takes another network when this machine has a route to its own', async () => {
  await using site = await testSite('192.0.2.0/24'); // eth0 or, elsewhere, free
  await using taken = await testSite('10.205.0.0/24');
  const first = await taken.create('first');
  await using other = await testSite('10.205.0.0/24');

  const second = await other.create('second');

  expect(first.address).toBe('10.205.0.2');
  expect(second.address).not.toMatch(/^10\.205\./);
  await expect(site.create('third', { subnet: '10.205.0.0/25' })).rejects.toMatchObject({
    code: 'SANDBOX_SUBNET_TAKEN',
  });
});

test('create() says why a sandbox did not boot, and leaves nothing', async () => {
  await using site = await testSite('10.206.0.0/24');
  const base = await mkdtemp(join(site.directory, 'empty-'));

  await expect(site.create('empty', { base })).rejects.toMatchObject({ code: 'SANDBOX_BOOT_FAILED' });

  expect(await traces(namesOf(site))).toEqual([]);
});

test('apt finds this machine’s package servers in a sandbox', async () => {
  await using site = await testSite('10.207.0.0/24');
  const instance = await site.create('apt');
  const resolved = await run(['getent', 'hosts', 'deb.debian.org']);

  expect((await sshTo(instance, 'getent hosts deb.debian.org')).code).toBe(resolved.code);
});

function plannedInstance(site: TestSite): SandboxInstance {
  const spec = { base: '/', memoryBytes: undefined, cpus: undefined, subnet: undefined };
  const id = newSandboxId('crashed');
  return newInstance(spec, {
    id,
    hostname: 'crashed',
    identityFile: join(site.directory, 'id'),
    hostKey: 'ssh-ed25519 AAAA',
  });
}

async function greetingServer(): Promise<AsyncDisposable & { port: number }> {
  const server = createServer((socket) => socket.end('hello from the machine'));
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
