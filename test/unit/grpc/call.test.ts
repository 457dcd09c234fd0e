import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { GrpcClient } from '../../../src/grpc/client.js';
import { GrpcError } from '../../../src/grpc/errors.js';
import { integer, message, text } from '../../../src/grpc/message.js';
import { answering, type Method, serveGrpc, unary } from '../../../src/grpc/server.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const words = message({ text: [1, text], count: [2, integer] });
const types = { request: words, response: words };
const { signal } = new AbortController();

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let cancelled: PromiseWithResolvers<void>;

beforeAll(async () => {
  directory = await temporaryDirectory();
  cancelled = Promise.withResolvers();
});
afterAll(async () => directory[Symbol.asyncDispose]());

const methods = new Map<string, Method>([
  ['/a.B/Echo', unary(words, words, async (request) => request)],
  [
    '/a.B/Fail',
    unary(words, words, async ({ text }) => {
      throw new GrpcError({ code: 2, message: text, details: [{ type: 't', value: Buffer.from('v') }] });
    }),
  ],
  [
    '/a.B/Count',
    answering(words, words, async function* ({ count }) {
      for (let at = 1; at <= count; at++) yield { count: at, text: 'x'.repeat(1000) };
    }),
  ],
  [
    '/a.B/Wait',
    unary(words, words, async (_, call) => {
      await once(call.signal, 'abort');
      cancelled.resolve();
      return {};
    }),
  ],
]);

/** A client and a server, connected by a socket. */
async function connected(): Promise<
  { client: GrpcClient; raw: Socket; served: Promise<void> } & AsyncDisposable
> {
  const served = Promise.withResolvers<void>();
  const server = createServer((socket) => serveGrpc(socket, methods).then(served.resolve, served.reject));
  server.listen(join(directory.path, `socket-${Math.random()}`));
  await once(server, 'listening');
  const raw = connect(String(server.address()));
  await once(raw, 'connect');
  const client = new GrpcClient(raw);
  return {
    ...{ client, raw, served: served.promise },
    async [Symbol.asyncDispose]() {
      client.close();
      raw.destroy();
      server.close();
      await served.promise;
    },
  };
}

test('a call is answered, also a large one', async () => {
  await using pair = await connected();
  const text = 'x'.repeat(3_000_000);

  const answer = await pair.client.unary('/a.B/Echo', types, { text, count: 1 }, { signal });

  expect(answer).toEqual({ text, count: 1 });
});

test('many answers come in their order', async () => {
  await using pair = await connected();
  using call = pair.client.stream('/a.B/Count', types, { signal });
  await call.send({ count: 10_000 });
  call.end();

  let sum = 0;
  for await (const { count } of call.responses) sum += count;

  expect(sum).toBe(50_005_000);
});

test.each([
  ['/a.B/Fail', { text: 'no "ü" 100%\n' }, { code: 2, message: 'no "ü" 100%\n' }],
  ['/a.B/Fail', { text: ' a ' }, { code: 2, message: ' a ' }],
  ['/a.B/None', {}, { code: 12, message: 'unknown service or method /a.B/None' }],
])('the failure of %s is told', async (path, request, status) => {
  await using pair = await connected();

  const call = pair.client.unary(path, types, request, { signal });

  await expect(call).rejects.toMatchObject({ status });
});

test('a call that is cancelled ends on both sides', async () => {
  await using pair = await connected();
  const controller = new AbortController();
  const call = pair.client.unary('/a.B/Wait', types, {}, { signal: controller.signal });
  call.catch(() => {});

  controller.abort(new Error('enough'));

  await expect(call).rejects.toThrow('enough');
  await cancelled.promise;
});

test('a connection that breaks ends its calls', async () => {
  await using pair = await connected();
  const call = pair.client.unary('/a.B/Wait', types, {}, { signal });
  call.catch(() => {});

  pair.raw.destroy();

  await expect(call).rejects.toMatchObject({ code: 'GRPC_CONNECTION_LOST' });
  await pair.served;
});

test('what is no HTTP/2 ends the connection, and nothing else', async () => {
  await using pair = await connected();
  const server = createServer((socket) => void serveGrpc(socket, methods));
  server.listen(join(directory.path, 'nonsense'));
  await once(server, 'listening');
  const raw = connect(join(directory.path, 'nonsense'));

  raw.resume();
  raw.write('GET / HTTP/1.1\r\n\r\n'.repeat(10));
  await once(raw, 'close');
  server.close();

  await expect(pair.client.unary('/a.B/Echo', types, { count: 1 }, { signal })).resolves.toMatchObject({
    count: 1,
  });
});
