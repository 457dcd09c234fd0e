import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createContainer, waitContainer } from '../../../src/api/client/containers.js';
import { EngineClient } from '../../../src/api/client/engine-client.js';
import { loadImages } from '../../../src/api/client/images.js';
import { FrameDecoder } from '../../../src/api/multiplex.js';
import { makeCertificates, type Pair } from '../../support/certificates.js';
import { startFakeEngine, type Where } from './fake-engine.js';

let directory = '';
let pairs: { readonly server: Pair; readonly client: Pair };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'engine-client-'));
  pairs = await makeCertificates(directory);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

const places: readonly { readonly name: string; readonly where: () => Where }[] = [
  { name: 'mutual TLS', where: () => pairs },
  { name: 'a Unix socket', where: () => ({ socketPath: join(directory, 'engine.sock') }) },
];

describe.each(places)('EngineClient over $name', ({ where }) => {
  it('json() sends and reads JSON at the negotiated version, on one connection', async () => {
    await using engine = await startFakeEngine(where());
    using client = new EngineClient(engine.endpoint);

    const answers = [];
    for (const number of [1, 2, 3]) {
      const body = { number };
      answers.push(
        await client.json({ method: 'POST', path: '/echo-json', body, query: { a: true, b: undefined } }),
      );
    }

    expect(answers).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }]);
    expect(engine.requests.slice(0, 2)).toEqual(['GET /_ping', 'POST /v1.47/echo-json?a=1']);
    expect(engine.requests.filter((line) => line.includes('_ping'))).toHaveLength(1);
    expect(engine.connections()).toBe(1);
  });

  it('json() speaks the version of an older engine', async () => {
    await using engine = await startFakeEngine(where(), '1.41');
    using client = new EngineClient(engine.endpoint);

    await client.json({ method: 'GET', path: '/empty' });

    expect(engine.requests[1]).toBe('GET /v1.41/empty');
  });

  it('json() throws the message of the engine with the kind of its status', async () => {
    await using engine = await startFakeEngine(where());
    using client = new EngineClient(engine.endpoint);

    const refused = client.json({ method: 'GET', path: '/containers/nobody/json' });

    await expect(refused).rejects.toMatchObject({
      kind: 'not-found',
      code: 'ENGINE_ERROR',
      message: 'Error response from daemon: No such container: nobody',
    });
  });

  it('json() throws ENGINE_ANSWER_INVALID for something else than JSON', async () => {
    await using engine = await startFakeEngine(where());
    using client = new EngineClient(engine.endpoint);

    const answer = client.json({ method: 'GET', path: '/not-json' });

    await expect(answer).rejects.toMatchObject({ kind: 'data-loss', code: 'ENGINE_ANSWER_INVALID' });
  });

  it.each(['/silent', '/slow-body'])('json() gives up at its deadline on %s', async (path) => {
    await using engine = await startFakeEngine(where());
    using client = new EngineClient(engine.endpoint);

    const answer = client.json({ method: 'GET', path, timeoutMs: 150 });

    await expect(answer).rejects.toMatchObject({ kind: 'deadline-exceeded', code: 'ENGINE_TIMEOUT' });
  });

  it.each(['/silent', '/slow-body'])('json() ends with the reason of an abort on %s', async (path) => {
    await using engine = await startFakeEngine(where());
    using client = new EngineClient(engine.endpoint);
    const abort = new AbortController();

    const answer = client.json({ method: 'GET', path, signal: abort.signal });
    const reason = new Error('enough');
    setTimeout(() => abort.abort(reason), 100);

    await expect(answer).rejects.toBe(reason);
  });

  it('begin() returns with the headers and delivers the body later', async () => {
    await using engine = await startFakeEngine(where());
    using client = new EngineClient(engine.endpoint);
    await client.json({ method: 'GET', path: '/empty' });

    const { result } = await client.begin({ method: 'POST', path: '/later' });
    const first = await Promise.race([result, Promise.resolve('the headers')]);

    expect(first).toBe('the headers');
    await expect(result).resolves.toEqual({ StatusCode: 7 });
  });

  it('stream() yields JSON lines whatever way they are cut', async () => {
    await using engine = await startFakeEngine(where());
    using client = new EngineClient(engine.endpoint);

    const lines = await gather(client.stream({ method: 'GET', path: '/lines' }));

    expect(lines).toEqual([{ status: 'one' }, { status: 'zwölf' }, { status: 'three' }]);
  });

  it('stream() throws the error line after the lines before it', async () => {
    await using engine = await startFakeEngine(where());
    using client = new EngineClient(engine.endpoint);
    const seen: unknown[] = [];

    const reading = (async () => {
      for await (const line of client.stream({ method: 'GET', path: '/broken-lines' })) seen.push(line);
    })();

    await expect(reading).rejects.toMatchObject({ code: 'ENGINE_STREAM_ERROR', message: 'no such tag' });
    expect(seen).toEqual([{ status: 'one' }]);
  });

  it('loadImages() sends a stream of 30 MB', async () => {
    await using engine = await startFakeEngine(where());
    using client = new EngineClient(engine.endpoint);
    const tar = Readable.from(Array.from({ length: 30 }, () => Buffer.alloc(2 ** 20)));

    const lines = await gather(loadImages(client, tar, { quiet: true }));

    expect(lines).toEqual([{ stream: String(30 * 2 ** 20) }]);
    expect(engine.requests).toContain('POST /v1.47/images/load?quiet=1');
  });

  it('hijack() carries 20 MB both ways and reads on after its own end', async () => {
    await using engine = await startFakeEngine(where());
    using client = new EngineClient(engine.endpoint);
    const sent = randomBytes(20 * 2 ** 20);

    const socket = await client.hijack({ method: 'POST', path: '/echo/attach' });
    Readable.from(slices(sent)).pipe(socket);
    const received = createHash('sha256');
    let words = '';
    const decoder = new FrameDecoder();
    for await (const chunk of socket) {
      for (const { stream, payload } of decoder.push(chunk)) {
        if (stream === 'stdout') received.update(payload);
        else words += `${payload.toString()} `;
      }
    }

    expect(received.digest('hex')).toBe(createHash('sha256').update(sent).digest('hex'));
    expect(words).toBe(`ready ${sent.length} `);
    expect(engine.requests[1]).toBe('POST /v1.47/echo/attach upgrade=tcp');
  });

  it('hijack() throws the error of an engine that does not upgrade', async () => {
    await using engine = await startFakeEngine(where());
    using client = new EngineClient(engine.endpoint);

    const refused = client.hijack({ method: 'POST', path: '/containers/nobody/attach' });

    await expect(refused).rejects.toMatchObject({
      kind: 'conflict',
      message: 'Error response from daemon: container nobody is not running',
    });
  });

  it('createContainer() and waitContainer() use the paths of the API', async () => {
    await using engine = await startFakeEngine(where());
    using client = new EngineClient(engine.endpoint);
    const streams = { Tty: false, OpenStdin: false, StdinOnce: false };
    const attach = { AttachStdin: false, AttachStdout: true, AttachStderr: true };

    await createContainer(
      client,
      { Image: 'a', ...streams, ...attach, HostConfig: {} },
      { name: 'web' },
    ).catch(() => {});
    await waitContainer(client, 'web', 'next-exit').catch(() => {});

    expect(engine.requests.slice(1)).toEqual([
      'POST /v1.47/containers/create?name=web',
      'POST /v1.47/containers/web/wait?condition=next-exit',
    ]);
  });
});

describe('EngineClient', () => {
  it('says that nothing listens', async () => {
    using client = new EngineClient({ host: '127.0.0.1', port: 1, ...pairs.client });

    const answer = client.json({ method: 'GET', path: '/info' });

    await expect(answer).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'ENGINE_UNREACHABLE',
      message: expect.stringContaining('"tcp://127.0.0.1:1"'),
    });
  });

  it('gives up on a port that accepts and never shakes hands', async () => {
    await using silent = await listenSilently();
    using client = new EngineClient(
      { host: '127.0.0.1', port: silent.port, ...pairs.client },
      { connectTimeoutMs: 150 },
    );

    const answer = client.json({ method: 'GET', path: '/info' });

    await expect(answer).rejects.toMatchObject({ kind: 'unavailable', code: 'ENGINE_UNREACHABLE' });
  });

  it('refuses a server of another CA', async () => {
    await using engine = await startFakeEngine(pairs);
    const other = await mkdtemp(join(directory, 'other-'));
    const strangers = await makeCertificates(other);
    using client = new EngineClient({
      ...engine.endpoint,
      ...strangers.client,
      socketPath: undefined,
    } as never);

    const answer = client.json({ method: 'GET', path: '/info' });

    await expect(answer).rejects.toMatchObject({ kind: 'unauthenticated', code: 'CERTIFICATE_INVALID' });
  });

  it('fails, and does not hang, when the engine refuses its certificate', async () => {
    await using engine = await startFakeEngine(pairs);
    const other = await mkdtemp(join(directory, 'stranger-'));
    const strangers = await makeCertificates(other);
    using client = new EngineClient({ ...engine.endpoint, ...strangers.client, ca: pairs.client.ca });

    const answer = client.json({ method: 'GET', path: '/info' });

    await expect(answer).rejects.toMatchObject({
      code: expect.stringMatching(/^(CERTIFICATE_INVALID|ENGINE_CONNECTION_LOST)$/),
    });
    expect(engine.requests).toEqual([]);
  });

  it('finds the engine at a later request when the first did not', async () => {
    const socketPath = join(directory, 'late.sock');
    using client = new EngineClient({ socketPath });
    await client.json({ method: 'GET', path: '/empty' }).catch(() => {});

    await using _engine = await startFakeEngine({ socketPath });

    await expect(client.json({ method: 'GET', path: '/empty' })).resolves.toBeUndefined();
  });
});

async function gather<T>(source: AsyncIterable<T>): Promise<readonly T[]> {
  const values: T[] = [];
  for await (const value of source) values.push(value);
  return values;
}

function* slices(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += 60_000) yield bytes.subarray(start, start + 60_000);
}

async function listenSilently(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
