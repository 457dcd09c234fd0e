import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { readLog } from '../../../../src/agent/logs/read-log.js';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { ContainerLab } from './container-lab.js';

describe.each(['crun', 'runc'] as const)('ConmonRuntime with %s', (name) => {
  let lab: ContainerLab;
  beforeAll(async () => {
    lab = await ContainerLab.open(name);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  test('version() answers the number alone', async () => {
    expect(await lab.runtime.version()).toMatch(/^\d+\.\d+/);
    expect(lab.runtime.name).toBe(name);
  });

  test('exited() answers exit code 0 and the log has the output', async () => {
    const { id, logPath } = await lab.start(['sh', '-c', 'echo out; echo err >&2; printf partial']);
    const status = await lab.runtime.exited(id);
    expect(status).toMatchObject({ code: 0, oomKilled: false });
    expect(Math.abs((status?.at ?? 0) - Date.now())).toBeLessThan(10_000);
    const entries: [string, string][] = [];
    for await (const { stream, payload } of readLog(logPath, { stdout: true, stderr: true })) {
      entries.push([stream, payload.toString()]);
    }
    expect(entries.toSorted()).toEqual([
      ['stderr', 'err\n'],
      ['stdout', 'out\n'],
      ['stdout', 'partial'],
    ]);
    await lab.runtime.delete(id);
    await lab.runtime.forget(id);
    expect(await lab.runtime.exited(id)).toBeUndefined();
  });

  test('exited() answers the code of the process, and 128 + n after a signal', async () => {
    const seven = await lab.start(['sh', '-c', 'exit 7']);
    expect(await lab.runtime.exited(seven.id)).toMatchObject({ code: 7 });
    const sleeper = await lab.start(['sleep', '100']);
    expect(await lab.runtime.find(sleeper.id)).toBe(sleeper.pid);
    await lab.runtime.kill(sleeper.id, 9);
    expect(await lab.runtime.exited(sleeper.id)).toMatchObject({ code: 137 });
    expect(await lab.runtime.find(sleeper.id)).toBeUndefined();
    await lab.runtime.kill(sleeper.id, 9);
  });

  test.each([
    ['nosuch', 'EXECUTABLE_NOT_FOUND', 'exec: "nosuch": executable file not found in $PATH: unknown'],
    [
      '/bin/nosuch',
      'EXECUTABLE_NOT_FOUND',
      'exec: "/bin/nosuch": stat /bin/nosuch: no such file or directory',
    ],
    ['/etc/not-executable', 'EXECUTABLE_NOT_RUNNABLE', 'exec: "/etc/not-executable": permission denied'],
    ['/etc', 'EXECUTABLE_NOT_RUNNABLE', 'exec: "/etc": permission denied'],
  ])(
    'create() refuses the command %s with Docker’s words and leaves nothing',
    async (command, code, words) => {
      const leftovers = () =>
        Promise.all(['containers', 'exits', 'sockets'].map((kind) => readdir(`${lab.root}/state/${kind}`)));
      const before = await leftovers();
      await expect(lab.start([command])).rejects.toMatchObject({
        code,
        message: expect.stringContaining(words),
      });
      expect(await leftovers()).toEqual(before);
    },
  );

  test('create() fails with RUNTIME_FAILED and the runtime’s words for anything else', async () => {
    const mounts = [{ type: 'bind', source: '/nosuch-source', destination: '/x', readonly: false }] as const;
    await expect(lab.create(['true'], { spec: { mounts } })).rejects.toMatchObject({
      code: 'RUNTIME_FAILED',
      message: expect.stringMatching(/nosuch-source/),
    });
  });

  test('pause() stops and resume() continues the processes', async () => {
    const { id } = await lab.start(['sh', '-c', 'while true; do echo tick; sleep 0.02; done']);
    await lab.runtime.pause(id);
    const logPath = `${lab.root}/bundles/${id}/container.log`;
    const size = async () => (await readFile(logPath)).length;
    // The monitor writes what it has read before.
    const paused = await waitUntil(
      async () => {
        const before = await size();
        await delay(200);
        return before === (await size()) ? before : undefined;
      },
      { what: 'an end of the output', timeoutMs: 30_000, intervalMs: 1 },
    );
    await lab.runtime.resume(id);
    await waitUntil(async () => (await size()) > paused || undefined, {
      ...{ what: 'more output', timeoutMs: 30_000, intervalMs: 10 },
    });
    await expect(lab.runtime.delete(id)).rejects.toMatchObject({ code: 'RUNTIME_FAILED' });
    await lab.runtime.delete(id, { force: true });
    expect(await lab.runtime.exited(id)).toMatchObject({ code: 137 });
  });
});
