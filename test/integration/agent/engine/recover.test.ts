import { existsSync } from 'node:fs';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { AgentLab } from './support/agent-lab.js';

let lab: AgentLab;

beforeAll(async () => {
  lab = await AgentLab.start();
});
afterAll(async () => lab[Symbol.asyncDispose]());

async function output(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

test('containers outlive an agent that is killed: output, ports and exit codes are complete', async () => {
  const count = 'i=0; while true; do echo $i; i=$((i+1)); sleep 0.02; done';
  await output('run', '-d', '--name', 'counter', 'busybox', 'sh', '-c', count);
  await output(
    'run',
    '-d',
    '--name',
    'web',
    '-p',
    '8081:80',
    'busybox',
    'httpd',
    '-f',
    '-p',
    '80',
    '-h',
    '/etc',
  );
  await lab.inside('mkdir', `${lab.directory}/go`);
  const go = ['-v', `${lab.directory}/go:/go`, 'busybox', 'sh', '-c'];
  const until = (name: string) => `while [ ! -e /go/${name} ]; do sleep 0.05; done`;
  await output('run', '-d', '--name', 'ends', ...go, `${until('ends')}; exit 42`);
  await output('run', '-d', '--rm', '--name', 'vanishes', ...go, until('vanishes'));

  const pids = (await output('inspect', '-f', '{{.State.Pid}}', 'ends', 'vanishes')).split('\n');
  await lab.endAgent('SIGKILL');
  for (const name of ['ends', 'vanishes']) await lab.inside('touch', `${lab.directory}/go/${name}`);
  const areGone = async () => pids.every((pid) => !existsSync(`/proc/${pid}`)) || undefined;
  await waitUntil(areGone, { what: 'the end of two containers', timeoutMs: 30_000, intervalMs: 20 });
  await lab.startAgent();

  expect(await output('ps', '-a', '--format', '{{.Names}} {{.State}}')).toBe(
    'ends exited\nweb running\ncounter running',
  );
  expect(await output('wait', 'ends')).toBe('42');
  expect(
    await lab.inside('curl', '-s', '--retry', '20', '--retry-connrefused', 'http://127.0.0.1:8081/passwd'),
  ).toContain('root:x:0:0');
  expect(await output('exec', 'counter', 'echo', 'here')).toBe('here');
  let lines: readonly string[] = [];
  const hasCounted = async () => {
    lines = (await output('logs', 'counter')).split('\n');
    return lines.length > 20 || undefined;
  };
  await waitUntil(hasCounted, { what: 'lines', timeoutMs: 30_000 });
  expect(lines).toEqual(lines.map((_, index) => String(index)));
  await output('rm', '-f', 'counter', 'web', 'ends');
});

test('an agent that is killed while containers start leaves none half-made', async () => {
  const starts = Array.from({ length: 4 }, () => lab.docker(['run', '-d', 'busybox', 'sleep', '60']));
  await new Promise((resolve) => setTimeout(resolve, 150)); // in the middle of it, wherever that is

  await lab.endAgent('SIGKILL');
  const started = (await Promise.all(starts))
    .filter(({ code }) => code === 0)
    .map(({ stdout }) => stdout.trim());
  await lab.startAgent();

  const running = (await output('ps', '-q', '--no-trunc')).split('\n').filter(Boolean);
  expect(running).toEqual(expect.arrayContaining(started));
  for (const id of running) expect(await output('exec', id, 'echo', 'runs')).toBe('runs');
  for (const id of (await output('ps', '-aq')).split('\n').filter(Boolean)) await output('rm', '-f', id);
});

test('after a reboot containers have ended with 255, and policies act', async () => {
  const names = ['no', 'always', 'unless-stopped', 'on-failure'];
  for (const policy of names) {
    await output('run', '-d', '--restart', policy, '--name', policy, 'busybox', 'sleep', '1000');
  }
  await output('run', '-d', '--rm', '--name', 'gone', 'busybox', 'sleep', '1000');
  await output('run', '-d', '--name', 'stopped', '--restart', 'unless-stopped', 'busybox', 'sleep', '1000');
  await output('stop', '-t', '0', 'stopped');

  await lab.reboot();

  await waitUntil(
    async () => {
      const states = await output('ps', '-a', '--format', '{{.Names}} {{.State}}');
      return states.includes('restarting') ? undefined : true;
    },
    { what: 'the restarts', timeoutMs: 30_000, intervalMs: 50 },
  );
  const listed = (await output('ps', '-a', '--format', '{{.Names}} {{.State}}')).split('\n').sort();
  expect(listed).toEqual([
    'always running',
    'no exited',
    'on-failure running',
    'stopped exited',
    'unless-stopped running',
  ]);
  expect(await output('inspect', '-f', '{{.State.ExitCode}}', 'no')).toBe('255');
  await output('rm', '-f', 'stopped', ...names);
});

test('a second agent on the same data root is refused', async () => {
  await expect(lab.startSecondAgent()).resolves.toContain('is held by another agent');
});
