import { ContainerLab, outputOf } from './container-lab.js';

let lab: ContainerLab;
beforeAll(async () => {
  lab = await ContainerLab.open();
});
afterAll(() => lab[Symbol.asyncDispose]());

type Spec = NonNullable<Parameters<ContainerLab['create']>[1]>['spec'];

async function run(script: string, spec: Spec = {}): Promise<string> {
  const { id } = await lab.create(['sh', '-c', script], { spec });
  const output = outputOf(await lab.runtime.attach(id));
  await lab.runtime.start(id);
  const { stdout, stderr } = await output;
  return stdout + stderr;
}

test('exited() reports a container that the kernel killed for want of memory', async () => {
  const resources = { memory: 20 * 1024 * 1024 };
  const { id } = await lab.start(['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=100M', 'count=1'], {
    spec: { resources },
  });
  expect(await lab.runtime.exited(id)).toMatchObject({ code: 137, oomKilled: true });
});

test('the limit of processes holds', async () => {
  const script = 'for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait';
  expect(await run(script, { resources: { pidsLimit: 4 } })).toMatch(/can't fork/);
});

test('the set of CPUs is visible', async () => {
  expect(await run('nproc', { resources: { cpusetCpus: '0' } })).toBe('1\n');
});

test('the container has its host name, and 14 capabilities at most', async () => {
  const text = await run('hostname; grep CapBnd /proc/self/status');
  expect(text).toMatch(/^lab\nCapBnd:\s*00000000a80425fb\n$/);
});

test('a user other than root holds no capabilities', async () => {
  const user = { uid: 1000, gid: 1001, additionalGids: [1001, 5] };
  const text = await run('id -u; id -g; id -G; grep CapEff /proc/self/status', { user });
  expect(text).toMatch(/^1000\n1001\n1001 5\nCapEff:\s*0{16}\n$/);
});

test('seccomp refuses new namespaces, without it the kernel decides', async () => {
  const script = 'busybox unshare -m true && echo allowed';
  const capAdd: readonly string[] = [];
  expect(await run(script, { capAdd })).toMatch(/Operation not permitted/);
  expect(await run(script, { capAdd: ['SYS_ADMIN'] })).toBe('allowed\n');
});

test('a read-only root refuses writes, a tmpfs in it takes them', async () => {
  const mounts = [{ type: 'tmpfs', destination: '/tmp', options: ['size=1m'] }] as const;
  const text = await run('touch /x; touch /tmp/x && echo written', { readonlyRoot: true, mounts });
  expect(text).toMatch(/Read-only file system/);
  expect(text).toMatch(/written/);
});

test('a privileged container runs with what the host has', async () => {
  expect(
    await run('stat -c %F /dev/null; touch /proc/sys/kernel/hostname && echo writable', { privileged: true }),
  ).toBe('character special file\nwritable\n');
});

test('ulimits above the host’s are lowered instead of failing', async () => {
  const ulimits = [{ name: 'nofile', soft: -1, hard: -1 }];
  expect(await run('ulimit -n', { ulimits })).toMatch(/^(\d+|unlimited)\n$/);
});
