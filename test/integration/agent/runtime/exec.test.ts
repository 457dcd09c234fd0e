import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { ContainerLab, finish, type LabContainer, processSpec } from './container-lab.js';

describe.each(['crun', 'runc'] as const)('exec() with %s', (name) => {
  let lab: ContainerLab;
  let container: LabContainer;
  let count = 0;
  beforeAll(async () => {
    lab = await ContainerLab.open(name);
    container = await lab.start(['sleep', '1000']);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const exec = (args: readonly string[], options: { terminal?: boolean; openStdin?: boolean } = {}) =>
    lab.runtime.exec({
      containerId: container.id,
      execId: `exec-${count++}`,
      process: processSpec(args, options.terminal),
      openStdin: options.openStdin ?? false,
      size: options.terminal ? { columns: 90, rows: 30 } : undefined,
    });

  test('answers output, exit code and a pid of the host', async () => {
    const session = await exec(['sh', '-c', 'echo out; echo err >&2; echo device >/dev/stdout; exit 5']);
    expect(session.pid).toBeGreaterThan(1);
    expect(await finish(session)).toEqual({ stdout: 'out\ndevice\n', stderr: 'err\n', code: 5 });
  });

  test('half-closes stdin', async () => {
    const session = await exec(['sh', '-c', 'cat; echo after'], { openStdin: true });
    session.attachment.stdin.end('input\n');
    expect(await finish(session)).toMatchObject({ stdout: 'input\nafter\n', code: 0 });
  });

  test('gives an empty stdin when none is wanted', async () => {
    expect(await finish(await exec(['cat']))).toMatchObject({ stdout: '', code: 0 });
  });

  test('answers 128 + n when a signal ends the process', async () => {
    expect(await finish(await exec(['sh', '-c', 'kill -9 $$']))).toMatchObject({ code: 137 });
  });

  test('gives a terminal of the wanted size, which resize() changes', async () => {
    // The runtime sets sizes beside the process, which may be faster.
    const first = 'while [ "$(stty size 2>/dev/null)" != "30 90" ]; do :; done; stty size; read x';
    const second = 'while [ "$(stty size)" = "30 90" ]; do sleep 0.02; done; stty size; exit 6';
    const session = await exec(['sh', '-c', `${first}; ${second}`], { terminal: true });
    let text = '';
    session.attachment.stdout.on('data', (chunk) => {
      text += chunk;
    });
    const isSized = async () => text.includes('30 90') || undefined;
    await waitUntil(isSized, {
      what: 'the first size',
      timeoutMs: 30_000,
      intervalMs: 10,
      lastSeen: () => text,
    });
    session.resize({ columns: 50, rows: 10 });
    session.attachment.stdin.write('x\n');
    await once(session.attachment.stdout, 'end');
    expect({ text, code: await session.exited }).toEqual({ text: '30 90\r\nx\r\n10 50\r\n', code: 6 });
    session.resize({ columns: 1, rows: 1 });
  });

  test.each([
    ['nosuch', 'EXECUTABLE_NOT_FOUND'],
    ['/etc/not-executable', 'EXECUTABLE_NOT_RUNNABLE'],
  ])('refuses %s with %s, with and without a terminal', async (command, code) => {
    await expect(exec([command])).rejects.toMatchObject({ code });
    await expect(exec([command], { terminal: true })).rejects.toMatchObject({ code });
  });

  // runc itself waits until nobody holds the output any more.
  const testWithCrun = name === 'crun' ? test : () => {};
  testWithCrun('ends its output two seconds after the process, whoever still holds it', async () => {
    const began = performance.now();
    const session = await exec(['sh', '-c', 'sleep 30 & echo done']);
    expect(await finish(session)).toMatchObject({ stdout: 'done\n', code: 0 });
    expect(performance.now() - began).toBeLessThan(25_000);
  });

  test('leaves no files', async () => {
    expect(await readdir(`${lab.root}/state/execs`)).toEqual([]);
  });
});
