import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { ContainerLab, outputOf } from './container-lab.js';

let lab: ContainerLab;
beforeAll(async () => {
  lab = await ContainerLab.open();
});
afterAll(() => lab[Symbol.asyncDispose]());

test('attach() before start gets the first output of both streams, then their ends', async () => {
  const { id } = await lab.create(['sh', '-c', 'echo first; echo error >&2']);
  const output = outputOf(await lab.runtime.attach(id));
  await lab.runtime.start(id);
  expect(await output).toEqual({ stdout: 'first\n', stderr: 'error\n' });
});

test('attach() delivers everything that was written before the exit', async () => {
  const { id } = await lab.create(['sh', '-c', 'dd if=/dev/zero bs=1000 count=20000 2>/dev/null; exit 4']);
  const attachment = await lab.runtime.attach(id);
  attachment.stderr.resume();
  let bytes = 0;
  attachment.stdout.on('data', (chunk) => {
    bytes += chunk.length;
  });
  const ended = once(attachment.stdout, 'end');
  await lab.runtime.start(id);
  await ended;
  expect(bytes).toBe(20_000_000);
  expect(await lab.runtime.exited(id)).toMatchObject({ code: 4 });
});

test('stdin arrives intact and its end ends cat', async () => {
  const { id } = await lab.create(['cat'], { stdin: true });
  const { stdin, stdout, stderr } = await lab.runtime.attach(id);
  stderr.resume();
  const received = createHash('sha256');
  stdout.on('data', (chunk) => received.update(chunk));
  const ended = once(stdout, 'end');
  await lab.runtime.start(id);
  const sent = createHash('sha256');
  const block = randomBytes(1_000_003);
  for (let count = 0; count < 100; count++) {
    block.writeUInt32LE(count);
    sent.update(block);
    if (!stdin.write(Buffer.from(block))) await once(stdin, 'drain');
  }
  stdin.end();
  await ended;
  expect(received.digest('hex')).toBe(sent.digest('hex'));
  expect(await lab.runtime.exited(id)).toMatchObject({ code: 0 });
});

test('stdin.end() is a half-close: output goes on', async () => {
  const { id } = await lab.create(['sh', '-c', 'cat; sleep 0.2; echo after'], { stdin: true });
  const attachment = await lab.runtime.attach(id);
  const output = outputOf(attachment);
  await lab.runtime.start(id);
  attachment.stdin.end('before\n');
  expect((await output).stdout).toBe('before\nafter\n');
});

test('a container that keeps its stdin open does not see the end of a client', async () => {
  const { id } = await lab.create(['head', '-n', '2'], { stdin: true, stdinOnce: false });
  const first = await lab.runtime.attach(id);
  await lab.runtime.start(id);
  first.stdin.end('one\n');
  await once(first.stdin, 'finish');
  first.close();
  const second = await lab.runtime.attach(id);
  second.stdin.write('two\n');
  expect(await lab.runtime.exited(id)).toMatchObject({ code: 0 });
  second.close();
});

test('output is complete although the container ends before it has read its input', async () => {
  const script = 'head -c 5 >/dev/null; dd if=/dev/zero bs=1000 count=100 2>/dev/null';
  const { id } = await lab.create(['sh', '-c', script], { stdin: true });
  const attachment = await lab.runtime.attach(id);
  attachment.stderr.resume();
  for (let count = 0; count < 50; count++) attachment.stdin.write(Buffer.alloc(100_000));
  attachment.stdin.end();
  await lab.runtime.start(id);
  await lab.runtime.exited(id);
  await delay(50); // the monitor has gone, with input unread
  let bytes = 0;
  for await (const chunk of attachment.stdout) bytes += chunk.length;
  expect(bytes).toBe(100_000);
});

test('several clients get the same output, and one that leaves does not disturb the others', async () => {
  const { id } = await lab.create(['sh', '-c', 'read x; echo all'], { stdin: true, stdinOnce: false });
  const [one, two, three] = await Promise.all([1, 2, 3].map(() => lab.runtime.attach(id)));
  const outputs = [one, two].map((attachment) => attachment && outputOf(attachment));
  await lab.runtime.start(id);
  three?.close();
  one?.stdin.write('\n');
  expect(await Promise.all(outputs)).toEqual([
    { stdout: 'all\n', stderr: '' },
    { stdout: 'all\n', stderr: '' },
  ]);
});

test('resize() sets the size of the terminal', async () => {
  const spec = { terminal: true, consoleSize: { width: 80, height: 24 } };
  const resized = 'while [ "$(stty size)" = "24 80" ]; do sleep 0.02; done'; // the monitor takes its time
  const { id } = await lab.create(['sh', '-c', `stty size; read x; ${resized}; stty size`], {
    stdin: true,
    spec,
  });
  const attachment = await lab.runtime.attach(id);
  let text = '';
  const first = new Promise<void>((resolve) => {
    attachment.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve();
    });
  });
  const ended = once(attachment.stdout, 'end');
  await lab.runtime.start(id);
  await first;
  await lab.runtime.resize(id, { columns: 132, rows: 43 });
  attachment.stdin.write('\n');
  attachment.stderr.resume();
  await ended;
  expect(text).toBe('24 80\r\n\r\n43 132\r\n');
});

test('attach() and resize() refuse a container that is not there', async () => {
  const missing = 'f'.repeat(64);
  await expect(lab.runtime.attach(missing)).rejects.toMatchObject({ code: 'RUNTIME_FAILED' });
  await expect(lab.runtime.resize(missing, { columns: 1, rows: 1 })).rejects.toMatchObject({
    code: 'RUNTIME_FAILED',
  });
});
