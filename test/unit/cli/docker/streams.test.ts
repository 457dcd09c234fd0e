import { Duplex, PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { encodeFrame } from '../../../../src/api/multiplex.js';
import { DetachFilter, detachKeysText, parseDetachKeys } from '../../../../src/cli/docker/detach-keys.js';
import { ProgressRenderer, progressBar } from '../../../../src/cli/docker/progress-renderer.js';
import type { Stdio } from '../../../../src/cli/docker/stdio.js';
import { runSession } from '../../../../src/cli/docker/stdio-session.js';

const keys = parseDetachKeys(undefined);

describe('parseDetachKeys()', () => {
  it.each([
    ['ctrl-p,ctrl-q', [16, 17]],
    ['ctrl-@', [0]],
    ['ctrl-_,a', [31, 97]],
    ['Q', [81]],
  ])('reads "%s"', (text, bytes) => {
    expect([...parseDetachKeys(text)]).toEqual(bytes);
    expect(detachKeysText(parseDetachKeys(text))).toBe(text);
  });

  it.each(['ctrl-', 'ctrl-1', 'ab'])('refuses "%s"', (text) => {
    expect(() => parseDetachKeys(text)).toThrow('--detach-keys');
  });
});

describe('DetachFilter', () => {
  it('passes everything without the sequence, however it is cut', async () => {
    const bytes = fc.array(fc.array(fc.constantFrom(16, 17, 97), { maxLength: 5 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(bytes, async (chunks) => {
        const all = Buffer.from(chunks.flat());
        fc.pre(!all.includes(keys));

        const passed = Readable.from(chunks.map((chunk) => Buffer.from(chunk))).pipe(new DetachFilter(keys));

        expect(Buffer.concat(await passed.toArray())).toEqual(all);
      }),
    );
  });

  it('detaches on a sequence over two chunks and passes what came before', async () => {
    const filter = new DetachFilter(keys);
    const detached = new Promise<boolean>((resolve) => filter.once('detach', () => resolve(true)));

    filter.write(Buffer.from([97, 16]));
    filter.write(Buffer.from([17, 98]));

    await expect(detached).resolves.toBe(true);
    expect(filter.read()).toEqual(Buffer.from('a'));
  });
});

describe('runSession()', () => {
  it('parts stdout from stderr, sends stdin and passes its end on', async () => {
    const { stdio, stdin, stdout, stderr } = streams();
    const { connection, sent, receive } = wire();

    const session = runSession(connection, stdio, { tty: false, stdin: true, detachKeys: keys });
    stdin.end('input');
    const input = await text(sent);
    receive.write(encodeFrame('stdout', Buffer.from('out')));
    receive.end(encodeFrame('stderr', Buffer.from('err')));

    await expect(session).resolves.toBe('ended');
    expect(input).toBe('input');
    expect([stdout.read()?.toString(), stderr.read()?.toString()]).toEqual(['out', 'err']);
    expect(connection.destroyed).toBe(true);
  });

  it('closes the input at once when it is not wanted', async () => {
    const { stdio } = streams();
    const { connection, sent, receive } = wire();

    const session = runSession(connection, stdio, { tty: false, stdin: false, detachKeys: keys });

    await expect(text(sent)).resolves.toBe('');
    receive.end();
    await session;
  });

  it('is over when the other side ends, though the input is open', async () => {
    const { stdio, stdin } = streams();
    const { connection, receive } = wire();

    const session = runSession(connection, stdio, { tty: false, stdin: true, detachKeys: keys });
    receive.end();

    await expect(session).resolves.toBe('ended');
    expect(stdin.isPaused()).toBe(true);
  });

  it('detaches on the keys of a terminal, without sending them', async () => {
    const { stdio, stdin, raw } = streams({ isTTY: true });
    const { connection, sent } = wire();
    const received: Buffer[] = [];
    sent.on('data', (chunk: Buffer) => received.push(chunk));

    const session = runSession(connection, stdio, { tty: true, stdin: true, detachKeys: keys });
    stdin.write('ls');
    stdin.write(Buffer.from([16, 17]));

    await expect(session).resolves.toBe('detached');
    expect(Buffer.concat(received).toString()).toBe('ls');
    expect(raw).toEqual([true, false]);
  });

  it('waits for a slow reader of its output', async () => {
    const { stdio } = streams();
    const slow = new PassThrough({ highWaterMark: 10 });
    let taken = 0;
    function* output() {
      for (; taken < 100; taken += 1) yield Buffer.alloc(100_000, 'x');
    }
    const readable = Readable.from(output());
    const connection = Duplex.from({ writable: new PassThrough(), readable });
    // Only what a session uses of a standard stream.
    const slowStdio = { ...stdio, stdout: slow as unknown as Stdio['stdout'] };

    const session = runSession(connection, slowStdio, { tty: true, stdin: false, detachKeys: keys });
    for (let count = 0; count < 200; count += 1) await turn();
    const takenBeforeReading = taken;
    const [bytes] = await Promise.all([session.then(() => slow.end()), size(slow)]).then(([, read]) => [
      read,
    ]);

    expect(takenBeforeReading).toBeLessThan(50);
    expect(bytes).toBe(10_000_000);
  });

  it('restores the terminal and throws when the connection breaks', async () => {
    const { stdio, raw } = streams({ isTTY: true });
    const { connection } = wire();

    const session = runSession(connection, stdio, { tty: true, stdin: true, detachKeys: keys });
    connection.destroy(new Error('reset'));

    await expect(session).rejects.toThrow('reset');
    expect(raw).toEqual([true, false]);
  });

  it('throws OUTPUT_CLOSED when nobody reads its output any more', async () => {
    const { stdio, stdout } = streams();
    const { connection } = wire();

    const session = runSession(connection, stdio, { tty: true, stdin: false, detachKeys: keys });
    stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));

    await expect(session).rejects.toMatchObject({ code: 'OUTPUT_CLOSED' });
  });
});

describe('ProgressRenderer', () => {
  const messages = [
    { status: 'Pulling from library/alpine', id: 'latest' },
    { status: 'Pulling fs layer', progressDetail: {}, id: 'aaa' },
    { status: 'Pulling fs layer', progressDetail: {}, id: 'bbb' },
    { status: 'Downloading', progressDetail: { current: 500, total: 1000 }, id: 'aaa' },
    { status: 'Pull complete', progressDetail: {}, id: 'bbb' },
    { aux: { Digest: 'x' } },
    { status: 'Digest: sha256:1' },
  ];

  it('prints plain lines without bars when the output is no terminal', () => {
    expect(render(undefined)).toBe(
      'latest: Pulling from library/alpine\naaa: Pulling fs layer\nbbb: Pulling fs layer\nbbb: Pull complete\nDigest: sha256:1\n',
    );
  });

  it('rewrites the line of each layer on a terminal', () => {
    const screen = show(render(120));

    expect(screen.map((line) => line.trimEnd())).toEqual([
      'latest: Pulling from library/alpine',
      `aaa: Downloading [${'='.repeat(25)}>${' '.repeat(25)}]     500B/1kB`,
      'bbb: Pull complete',
      'Digest: sha256:1',
      '',
    ]);
  });

  it('prints the stream of load as it is', () => {
    const written: string[] = [];
    const renderer = new ProgressRenderer({ write: (text) => written.push(text), columns: 80 });

    renderer.show({ stream: 'Loaded image: busybox:latest\n' });

    expect(written.join('')).toBe('Loaded image: busybox:latest\n');
  });

  function render(columns: number | undefined): string {
    const written: string[] = [];
    const renderer = new ProgressRenderer({ write: (text) => written.push(text), columns });
    for (const message of messages) renderer.show(message);
    return written.join('');
  }
});

describe('progressBar()', () => {
  it.each([
    [{}, 120, ''],
    [{ current: 1_234_567 }, 120, ' 1.235MB'],
    [{ current: 50, total: 100 }, 80, '     50B/100B'],
    [{ current: 200, total: 100 }, 80, '    200B'],
  ])('draws %j', (detail, columns, bar) => {
    expect(progressBar(detail, columns)).toBe(bar);
  });
});

/** What a terminal shows of text that moves up and down, returns and clears lines. */
function show(output: string): readonly string[] {
  const lines: string[] = [''];
  let row = 0;
  for (const [token] of output.replaceAll('\u001b', '␛').matchAll(/␛\[(\d+)[ABK]|\n|\r|[^␛\n\r]+/g)) {
    const [, count, action] = /^␛\[(\d+)([ABK])$/.exec(token) ?? [];
    if (action === 'A') row -= Number(count);
    else if (action === 'B') row += Number(count);
    else if (action === 'K') lines[row] = '';
    else if (token === '\n') row += 1;
    else if (token !== '\r') lines[row] = token;
    lines[row] ??= '';
  }
  return lines;
}

async function size(stream: Readable): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return bytes;
}

function streams(options: { readonly isTTY?: boolean } = {}) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const raw: boolean[] = [];
  Object.assign(stdin, { isTTY: options.isTTY ?? false, setRawMode: (mode: boolean) => raw.push(mode) });
  // Only what a session uses of the standard streams.
  const stdio = { stdin, stdout, stderr } as unknown as Stdio;
  return { stdio, stdin, stdout, stderr, raw };
}

/** A connection whose two directions end independently, as a hijacked one. */
function wire() {
  const [sent, receive] = [new PassThrough(), new PassThrough()];
  const connection = Duplex.from({ writable: sent, readable: receive });
  return { connection, sent, receive };
}
