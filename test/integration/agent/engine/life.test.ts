import { join } from 'node:path';
import type { EventMessage } from '../../../../src/api/event.js';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { AgentLab } from './support/agent-lab.js';

let lab: AgentLab;

beforeAll(async () => {
  lab = await AgentLab.start();
});
afterEach(async () => {
  const ids = await output('ps', '-aq');
  if (ids) await output('rm', '-f', ...ids.split('\n'));
});
afterAll(async () => lab[Symbol.asyncDispose]());

async function output(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

async function failure(...args: readonly string[]): Promise<string> {
  const { code, stderr } = await lab.docker(args);
  if (code === 0) throw new Error(`docker ${args.join(' ')} should have failed`);
  return stderr;
}

const inspect = (name: string, format: string): Promise<string> => output('inspect', '-f', format, name);

async function until(name: string, format: string, wanted: string): Promise<void> {
  let last = '';
  await waitUntil(
    async () => {
      last = await inspect(name, format);
      return last === wanted ? true : undefined;
    },
    { what: `${format} of ${name} to be ${wanted}`, timeoutMs: 30_000, intervalMs: 50, lastSeen: () => last },
  );
}

/** What the engine tells of the time that `work` takes. */
async function recorded(work: () => Promise<unknown>): Promise<readonly EventMessage[]> {
  const since = `${Date.now() / 1000}`;
  await work();
  const end = `${(Date.now() + 1) / 1000}`;
  const text = await output('events', '--since', since, '--until', end, '--format', '{{json .}}');
  return text
    .split('\n')
    .filter(Boolean)
    .map((each) => JSON.parse(each));
}

/** As lines: "container die exitCode=3". */
async function eventsOf(work: () => Promise<unknown>): Promise<readonly string[]> {
  return (await recorded(work)).map(line);
}

function line({ Type, Action, Actor }: EventMessage): string {
  const shown = ['exitCode', 'signal', 'oldName', 'type', 'destination', 'reclaimed', 'height'];
  const attributes = Object.entries(Actor.Attributes).filter(([name]) => shown.includes(name));
  return [Type, Action, ...attributes.map(([name, value]) => `${name}=${value}`)].join(' ');
}

const obedient = 'trap "exit 3" TERM; trap "exit 4" USR2; while :; do sleep 0.05; done';

describe('events are those of Docker Engine, in its order', () => {
  test('run --rm with a volume', async () => {
    expect(await eventsOf(() => output('run', '--rm', '-v', '/data', 'busybox', 'true'))).toEqual([
      'volume create',
      'container create',
      'container attach',
      'network connect type=bridge',
      'volume mount destination=/data',
      'container start',
      'container die exitCode=0',
      'network disconnect type=bridge',
      'volume unmount',
      'volume destroy',
      'container destroy',
    ]);
  });

  test('stop, restart, pause, rename, top, update, exec, kill, rm', async () => {
    await output('run', '-d', '--name', 'told', '--network', 'none', 'busybox', 'sh', '-c', obedient);
    await until('told', '{{.State.Running}}', 'true');
    const steps: readonly (readonly string[])[] = [
      ['restart', 'told'],
      ['pause', 'told'],
      ['unpause', 'told'],
      ['rename', 'told', 'again'],
      ['top', 'again'],
      ['update', '--cpu-shares', '512', 'again'],
      ['exec', 'again', 'true'],
      ['kill', '-s', 'USR2', 'again'],
      ['wait', 'again'],
      ['start', 'again'],
      ['stop', 'again'],
      ['rm', 'again'],
    ];

    const events = await eventsOf(async () => {
      for (const step of steps) await output(...step);
    });

    expect(events.map((event) => event.replace('container ', ''))).toEqual([
      ...['kill signal=15', 'die exitCode=3', 'stop', 'start', 'restart'],
      ...['pause', 'unpause', 'rename oldName=/told', 'top', 'update'],
      ...['exec_create: true', 'exec_start: true', 'exec_die exitCode=0'],
      ...['kill signal=12', 'die exitCode=4', 'start'],
      ...['kill signal=15', 'die exitCode=3', 'stop', 'destroy'],
    ]);
  });

  test('save, load, tag and rmi of an image that has labels', async () => {
    await output('create', '--name', 'origin', 'busybox');
    const id = await output('commit', '-c', 'LABEL stage=beta', 'origin', 'labelled:1');
    const file = join(lab.directory, 'labelled.tar');

    const all = await recorded(async () => {
      await output('save', '-o', file, 'labelled:1');
      await output('load', '-i', file);
      await output('tag', 'labelled:1', 'labelled:2');
      await output('rmi', 'labelled:1', 'labelled:2');
    });

    expect(all.map(({ Action, Actor }) => [Action, Actor.ID, Actor.Attributes])).toEqual([
      ['save', id, { name: id, stage: 'beta' }],
      ['load', id, { name: id, stage: 'beta' }],
      ['tag', id, { name: 'labelled:2', stage: 'beta' }],
      ['untag', id, { name: 'labelled:1', stage: 'beta' }],
      ['untag', id, { name: 'labelled:2' }],
      ['delete', id, { name: id }],
    ]);
  });

  test('prune tells what it has removed and that it was a prune', async () => {
    await output('create', '--name', 'unwanted', '--label', 'l=1', 'busybox');

    const events = await eventsOf(() => output('container', 'prune', '-f', '--filter', 'label=l=1'));

    expect(events).toEqual(['container destroy', 'container prune reclaimed=0']);
  });

  test('a process that the kernel kills for want of memory', async () => {
    const eat = `sh -c 'x=a; while :; do x=$x$x; done'; echo survived`;
    const events = await eventsOf(() =>
      output('run', '--name', 'hungry', '-m', '20m', '--memory-swap', '20m', 'busybox', 'sh', '-c', eat),
    );

    expect(events).toContain('container oom');
    expect(events.indexOf('container oom')).toBeLessThan(events.indexOf('container die exitCode=0'));
    expect(await inspect('hungry', '{{.State.OOMKilled}} {{.State.ExitCode}}')).toBe('true 0');
  });
});

describe('restart policies', () => {
  test('on-failure gives up after so many times, with twice the delay each time', async () => {
    const all = await recorded(async () => {
      await output(
        'run',
        '-d',
        '--name',
        'fails',
        '--restart',
        'on-failure:3',
        'busybox',
        'sh',
        '-c',
        'exit 5',
      );
      await until('fails', '{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}', 'exited 5 3');
    });
    const times = (action: string) =>
      all.filter(({ Action }) => Action === action).map(({ timeNano }) => timeNano / 1e6);
    const waits = times('start')
      .slice(1)
      .map((start, index) => start - (times('die')[index] ?? 0));
    expect(waits.map((wait) => wait >= 99)).toEqual([true, true, true]);
    expect(waits[2]).toBeGreaterThan(399);
  });

  test('on-failure leaves what has succeeded', async () => {
    await output('run', '-d', '--name', 'succeeds', '--restart', 'on-failure', 'busybox', 'true');

    expect(await output('wait', 'succeeds')).toBe('0');
    expect(await inspect('succeeds', '{{.State.Status}} {{.RestartCount}}')).toBe('exited 0');
  });

  test('wait and attach end with the run, although the container is started again', async () => {
    const script = 'while [ ! -e /ends ]; do sleep 0.05; done; rm /ends; exit 3';
    await output('run', '-d', '--name', 'again', '--restart', 'always', 'busybox', 'sh', '-c', script);
    const attached = lab.docker(['attach', 'again']); // docker waits beside it, for the exit code
    const events = ['events', '--since', '1', '--filter', 'container=again', '--format', '{{.Action}}'];
    const isAttached = async () =>
      (await output(...events, '--until', `${Date.now() / 1000}`)).includes('attach') || undefined;
    await waitUntil(isAttached, { what: 'the attach', timeoutMs: 30_000, intervalMs: 50 });

    await output('exec', 'again', 'touch', '/ends');

    expect((await attached).code).toBe(3);
    await until('again', '{{ge .RestartCount 1}} {{.State.Status}}', 'true running');
  });

  test.each(['stop', 'kill'])('%s ends a container that waits to be started again', async (command) => {
    await output('run', '-d', '--name', 'waits', '--restart', 'always', 'busybox', 'sh', '-c', 'exit 1');
    await until('waits', '{{ge .RestartCount 3}} {{.State.Status}}', 'true restarting');

    await output(command, 'waits');

    expect(await inspect('waits', '{{.State.Status}}')).toBe('exited');
  });

  test('always and unless-stopped after the next start of the agent', async () => {
    for (const policy of ['always', 'unless-stopped', 'on-failure']) {
      const args = ['run', '-d', '--restart', policy, 'busybox', 'sleep', '1000'];
      await output(...args.toSpliced(2, 0, '--name', `${policy}-stopped`));
      await output('stop', '-t', '0', `${policy}-stopped`);
    }

    await lab.endAgent('SIGTERM');
    await lab.startAgent();

    const states = await output('ps', '-a', '--format', '{{.Names}} {{.State}}');
    expect(states.split('\n').sort()).toEqual([
      'always-stopped running',
      'on-failure-stopped exited',
      'unless-stopped-stopped exited',
    ]);
  });

  test('update changes the policy of a container that runs', async () => {
    await output(
      'run',
      '-d',
      '--name',
      'changed',
      'busybox',
      'sh',
      '-c',
      'while ! test -e /end; do sleep 0.1; done',
    );

    await output('update', '--restart', 'always', 'changed');
    await output('exec', 'changed', 'touch', '/end');
    await until('changed', '{{ge .RestartCount 1}}', 'true');
    expect(await inspect('changed', '{{.HostConfig.RestartPolicy.Name}}')).toBe('always');
    await output('run', '-d', '--rm', '--name', 'leaves', 'busybox', 'sleep', '1000');
    expect(await failure('update', '--restart', 'always', 'leaves')).toContain(
      'Restart policy cannot be updated because AutoRemove is enabled for the container',
    );
  });
});

describe('health checks', () => {
  const probed = ['run', '-d', '--name', 'probed', '--health-interval', '100ms', '--health-retries', '2'];

  test('go from starting to unhealthy to healthy, in events, ps, filters and inspect', async () => {
    const events = await eventsOf(async () => {
      await output(...probed, '--health-cmd', 'echo looked; test -e /ok', 'busybox', 'sleep', '1000');
      expect(await output('ps', '--format', '{{.Status}}')).toMatch(/\((health: starting|unhealthy)\)$/);

      await until('probed', '{{.State.Health.Status}}', 'unhealthy');
      expect(await output('ps', '-q', '--filter', 'health=unhealthy')).not.toBe('');
      const log = '{{with index .State.Health.Log 0}}{{.ExitCode}} {{.Output}}{{end}}';
      expect(await inspect('probed', log)).toBe('1 looked');

      await output('exec', 'probed', 'touch', '/ok');
      await until('probed', '{{.State.Health.Status}} {{.State.Health.FailingStreak}}', 'healthy 0');
    });

    await until('probed', '{{len .State.Health.Log}}', '5');
    expect(await output('ps', '--format', '{{.Status}}')).toMatch(/\(healthy\)$/);
    expect(await output('ps', '-q', '--filter', 'health=none')).toBe('');
    expect(events.filter((event) => event.includes('health_status'))).toEqual([
      'container health_status: unhealthy',
      'container health_status: healthy',
    ]);
  });

  test('go on after the agent was killed, and begin anew with a restart', async () => {
    await output(...probed, '--health-cmd', 'test ! -e /ill', 'busybox', 'sleep', '1000');
    await until('probed', '{{.State.Health.Status}}', 'healthy');

    await lab.endAgent('SIGKILL');
    await lab.startAgent();

    await until('probed', '{{.State.Health.Status}}', 'healthy');
    await output('exec', 'probed', 'touch', '/ill');
    await until('probed', '{{.State.Health.Status}}', 'unhealthy');
    await output('restart', '-t', '0', 'probed');
    expect(await inspect('probed', '{{.State.Health.FailingStreak}}')).toMatch(/^[01]$/);
  });

  test('a probe that takes too long is killed and counts as a failure', async () => {
    const cmd = ['--health-cmd', 'echo slow; exec sleep 1000', '--health-timeout', '150ms'];
    await output(...probed, ...cmd, 'busybox', 'sleep', '1001');

    await until('probed', '{{.State.Health.Status}}', 'unhealthy');
    const log = '{{with index .State.Health.Log 0}}{{.ExitCode}} {{.Output}}{{end}}';
    expect(await inspect('probed', log)).toBe('-1 Health check exceeded timeout (150ms): slow');
    await output('pause', 'probed');
    const processes = await output('top', 'probed', '-o', 'pid,args');
    expect(processes.match(/sleep 1000/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  test('failures of the start period do not count, and its interval is its own', async () => {
    const slow = [
      '--health-interval',
      '1h',
      '--health-start-period',
      '1m',
      '--health-start-interval',
      '50ms',
    ];
    await output(
      ...['run', '-d', '--name', 'begins', '--health-retries', '1', ...slow],
      ...['--health-cmd', 'test -e /ok', 'busybox', 'sleep', '1000'],
    );

    await until('begins', '{{len .State.Health.Log}} {{.State.Health.Status}}', '5 starting');
    await output('exec', 'begins', 'touch', '/ok');
    await until('begins', '{{.State.Health.Status}}', 'healthy');
  });

  test('come from the image, unless --no-healthcheck', async () => {
    await output('create', '--name', 'base', 'busybox');
    const check = 'HEALTHCHECK --interval=100ms --retries=1 CMD ["true"]';
    await output('commit', '-c', check, 'base', 'checked');
    await output('run', '-d', '--name', 'inherits', 'checked', 'sleep', '1000');
    await output('run', '-d', '--name', 'declines', '--no-healthcheck', 'checked', 'sleep', '1000');

    await until('inherits', '{{.State.Health.Status}}', 'healthy');
    expect(await inspect('declines', '{{.State.Health}}')).toBe('<nil>');
  });
});

describe('update', () => {
  test('sets the limits of what runs', async () => {
    await output(
      'run',
      '-d',
      '--name',
      'limited',
      '-m',
      '64m',
      '--pids-limit',
      '9',
      'busybox',
      'sleep',
      '1000',
    );
    const limits = [
      '-m',
      '32m',
      '--memory-swap',
      '48m',
      '--cpus',
      '0.5',
      '--cpuset-cpus',
      '0',
      '--pids-limit',
      '-1',
    ];

    await output('update', ...limits, 'limited');

    expect(await output('stats', '--no-stream', '--format', '{{.MemUsage}}', 'limited')).toMatch(
      / \/ 32MiB$/,
    );
    expect(await output('exec', 'limited', 'nproc')).toBe('1');
    expect(await inspect('limited', '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}')).toBe(
      `${32 * 1024 * 1024} 500000000`,
    );
  });

  test('changes nothing when it is refused', async () => {
    await output('run', '-d', '--name', 'limited', '-m', '64m', '--cpus', '0.5', 'busybox', 'sleep', '1000');

    expect(await failure('update', '--cpu-quota', '20000', 'limited')).toContain(
      'Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set',
    );
    expect(await failure('update', '-m', '200m', 'limited')).toContain(
      'update the memoryswap at the same time',
    );
    expect(await failure('update', '--cpuset-cpus', '999', 'limited')).toContain('Cannot update container');
    expect(await inspect('limited', '{{.HostConfig.CpuQuota}} {{.HostConfig.Memory}}')).toBe(
      `0 ${64 * 1024 * 1024}`,
    );
  });
});

describe('stats and top', () => {
  test('stats tells CPU, memory, network and processes', async () => {
    await output('run', '-d', '--name', 'busy', '-m', '64m', 'busybox', 'sh', '-c', 'while :; do :; done');

    const text = await output('stats', '--no-stream', '--format', '{{json .}}', 'busy');

    const { CPUPerc, MemUsage, PIDs, NetIO, Name } = JSON.parse(text);
    expect(Number.parseFloat(CPUPerc)).toBeGreaterThan(5);
    expect(MemUsage).toMatch(/^\d.*iB \/ 64MiB$/);
    expect([PIDs, Name]).toEqual(['1', 'busy']);
    expect(NetIO).toMatch(/B \/ /);
  });

  test('top shows execs and takes the arguments of ps', async () => {
    await output('run', '-d', '--name', 'busy', 'busybox', 'sh', '-c', 'while :; do sleep 1; done');
    await output('exec', '-d', 'busy', 'sleep', '1234');

    expect(await output('top', 'busy', '-o', 'pid,args')).toMatch(
      /^PID +COMMAND\n\d+ +sh -c (?:.|\n)*\n\d+ +sleep 1234$/,
    );
    expect(await output('top', 'busy')).toMatch(/^UID +PID +PPID/);
    expect(await failure('top', 'busy', '-o', 'args')).toContain("Couldn't find PID field in ps output");
  });
});

test('stop resumes what is paused, kill needs what runs', async () => {
  await output('run', '-d', '--name', 'frozen', 'busybox', 'sh', '-c', obedient);
  await output('pause', 'frozen');

  await output('stop', 'frozen');

  expect(await inspect('frozen', '{{.State.Status}} {{.State.ExitCode}}')).toBe('exited 3');
  expect(await failure('kill', 'frozen')).toContain('is not running');
});
