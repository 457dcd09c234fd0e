import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Listener, listenOnSocket } from '../../../../src/agent/server/listeners.js';
import { get, json, post, type Route } from '../../../../src/agent/server/route.js';
import { ApiServer } from '../../../../src/agent/server/server.js';
import { anything } from '../../../../src/api/decode.js';
import { TsmachineError } from '../../../../src/shared/errors.js';
import { silentLogger } from '../../../../src/shared/logger.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

const cut = Promise.withResolvers<void>();
const slow = { begun: Promise.withResolvers<void>(), cut: Promise.withResolvers<void>() };

/** Answers the input in capitals once the input has ended: it notices a connection that is closed too early. */
async function shout(client: Duplex): Promise<void> {
  const input = await text(client);
  client.write(`body+input: ${input.toUpperCase()}`);
}

const routes: readonly Route[] = [
  post('/shout/{name}', async () => ({ kind: 'hijack', multiplexed: true, serve: shout })),
  post('/exec', async (request) => {
    const body = await request.json(anything);
    return {
      kind: 'hijack',
      multiplexed: false,
      async serve(client) {
        client.write(`${JSON.stringify(body)} `);
        await shout(client);
      },
    };
  }),
  post('/slow', async () => {
    slow.begun.resolve();
    await slow.cut.promise;
    return { kind: 'hijack', multiplexed: false, serve: shout };
  }),
  post('/echo', async (request) => json(200, await request.json(anything))),
  get('/refuse', async () => {
    throw new TsmachineError('conflict', 'X', 'it is so');
  }),
  get('/unchanged', async () => {
    throw new TsmachineError('not-modified', 'X', 'it is so');
  }),
  get('/endless', async ({ signal }) => {
    signal.addEventListener('abort', () => cut.resolve());
    return {
      kind: 'stream',
      status: 200,
      type: 'text/plain',
      source: (async function* () {
        yield Buffer.from('first');
        await new Promise(() => {});
      })(),
    };
  }),
  get('/half', async () => ({
    kind: 'messages',
    source: (async function* () {
      yield { status: 'one' };
      throw new Error('broken');
    })(),
  })),
];

describe('ApiServer', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let listener: Listener;
  let path: string;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    path = join(directory.path, 'api.sock');
    listener = await listenOnSocket(new ApiServer(routes, silentLogger), path);
  });
  afterAll(async () => {
    await listener[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  });

  async function open(): Promise<Socket> {
    const socket = connect({ path, allowHalfOpen: true });
    await once(socket, 'connect');
    return socket;
  }

  /** Writes the parts one after another, in packets of their own, ends the input, and answers all that comes back. */
  async function exchange(...parts: readonly string[]): Promise<string> {
    const socket = await open();
    const answer = text(socket);
    for (const part of parts) {
      socket.write(part);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    socket.end();
    return answer;
  }

  const upgrade = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n';

  test('an upgrade answers 101 and goes on with output after the input has ended', async () => {
    const answer = await exchange(`POST /v1.47/shout/a HTTP/1.1\r\n${upgrade}\r\n`, 'hello');

    expect(answer).toMatch(/^HTTP\/1\.1 101 UPGRADED\r\n/);
    expect(answer).toContain('Connection: Upgrade\r\nUpgrade: tcp\r\n');
    expect(answer).toContain('Content-Type: application/vnd.docker.multiplexed-stream\r\n');
    expect(answer).toMatch(/\r\n\r\nbody\+input: HELLO$/);
  });

  const echo =
    'POST /v1.47/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';

  test('requests that come before the answer to the one before are answered in turn, also when they fail', async () => {
    const refuse = 'GET /v1.47/refuse HTTP/1.1\r\nHost: x\r\n\r\n';
    const last = 'GET /v1.47/refuse HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';

    const answer = await exchange(echo + refuse + echo + last);

    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual([200, 409, 200, 409].map((code) => `HTTP/1.1 ${code}`));
  });

  test.each([
    ['with an upgrade', `POST /v1.47/shout/a HTTP/1.1\r\n${upgrade}\r\n`, 101],
    ['without', 'POST /v1.47/shout/a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n', 200],
  ])(
    'a hijack %s that comes before the answer to the request before waits for it',
    async (_, request, code) => {
      const answer = await exchange(echo + request, 'hello');

      expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', `HTTP/1.1 ${code}`]);
      expect(answer).toMatch(/body\+input: HELLO$/);
    },
  );

  test('a client that resets its connection before it is taken harms nobody', async () => {
    const server = new ApiServer(routes, silentLogger);
    const web = createServer(server.onRequest).on('upgrade', server.onUpgrade).listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as AddressInfo;
    const gone = Promise.withResolvers<void>();
    web.once('connection', (connection) => connection.once('close', () => gone.resolve()));
    const socket = connect({ host: '127.0.0.1', port });
    socket.write(`POST /v1.47/slow HTTP/1.1\r\n${upgrade}\r\n`);
    await slow.begun.promise;

    socket.resetAndDestroy();
    await gone.promise;
    slow.cut.resolve();

    web.close();
    await once(web, 'close');
  });

  test('clients before 1.42 are told of a raw stream', async () => {
    expect(await exchange(`POST /v1.41/shout/a HTTP/1.1\r\n${upgrade}\r\n`, 'x')).toContain(
      'Content-Type: application/vnd.docker.raw-stream\r\n',
    );
  });

  test('without an upgrade the raw stream begins behind a 200', async () => {
    const answer = await exchange(
      'POST /v1.47/shout/a HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET / nonsense',
      ' more',
    );

    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: application\/vnd\.docker\.raw-stream\r\n/);
    expect(answer).toMatch(/body\+input: GET \/ NONSENSE MORE$/);
  });

  const body = '{"Detach":false}';
  const head = `POST /v1.47/exec HTTP/1.1\r\n${upgrade}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;

  test.each([
    ['in one packet', [`${head}${body}input`]],
    ['in a packet behind the head', [head, `${body}input`]],
    ['in pieces', [head, body.slice(0, 5), body.slice(5, 9), body.slice(9), 'input']],
  ])('an upgrade with a JSON body %s reads the body and keeps the input', async (_, parts) => {
    expect(await exchange(...parts)).toMatch(/\r\n\r\n\{"Detach":false\} body\+input: INPUT$/);
  });

  test('an upgrade to something else is answered as if it were none', async () => {
    const answer = await exchange(
      'GET /v1.47/refuse HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n',
    );

    expect(answer).toMatch(/^HTTP\/1\.1 409 Conflict\r\n/);
    expect(answer).toContain('{"message":"it is so"}');
  });

  test('errors are JSON with the status of their kind; 304 is empty', async () => {
    const answer = await exchange(
      'GET /refuse HTTP/1.1\r\nHost: x\r\n\r\n',
      'GET /unchanged HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );

    expect(answer).toContain('409 Conflict');
    expect(answer).toContain('Api-Version: 1.47\r\n');
    expect(answer).toMatch(/304 Not Modified[^{]*$/);
  });

  test('an unknown path is 404 page not found', async () => {
    expect(await exchange('GET /v1.47/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(
      /404 Not Found[\s\S]*\{"message":"page not found"\}\n$/,
    );
  });

  test('a body that nobody reads does not disturb the next request', async () => {
    const unread = `POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde`;
    const answer = await exchange(unread, 'GET /refuse HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');

    expect(answer).toContain('404 Not Found');
    expect(answer).toContain('409 Conflict');
  });

  test('a client that waits for 100 Continue gets it', async () => {
    const answer = await exchange(
      'POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n',
      '{}',
    );

    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  });

  test('an error in the middle of messages becomes the last message', async () => {
    expect(await exchange('GET /half HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).toMatch(
      /200 OK[\s\S]*\{"status":"one"\}\r\n[\s\S]*\{"errorDetail":\{"message":"broken"\},"error":"broken"\}\r\n/,
    );
  });

  test('a client that goes away aborts what is done for it', async () => {
    const socket = await open();
    socket.write('GET /endless HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');

    socket.destroy();

    await expect(cut.promise).resolves.toBeUndefined();
  });
});
