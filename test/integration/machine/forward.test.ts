import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { forwardMachine } from '../../../src/machine/forward/forward-machine.js';
import { systemClock } from '../../../src/shared/clock.js';
import { waitUntil } from '../../../src/shared/wait-until.js';
import { PinnedHostKey } from '../../../src/ssh/host-keys.js';
import { Ssh2Transport } from '../../../src/ssh/ssh2-transport.js';
import { freePort, type Sshd, startSshd } from '../../support/sshd.js';

let sshd: Sshd;
let server: Server;
let remote: number;

beforeAll(async () => {
  sshd = await startSshd();
  // Answers when its client has ended: so half-closed connections must be carried.
  server = createServer({ allowHalfOpen: true }, async (socket) => socket.end(`got ${await text(socket)}`));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  remote = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.close();
  await sshd[Symbol.asyncDispose]();
});

test('a port is carried, also after the connection was lost, until the signal aborts', async () => {
  await using forward = await forwarding(sshd, remote);

  expect(await ask(forward.local, 'one')).toBe('got one');
  const before = await sshd.connections();
  for (const pid of before) process.kill(pid);
  await waitUntil(async () => (await sshd.connections()).length === 0 || undefined, {
    ...{ what: 'the connection to be gone', timeoutMs: 30_000, intervalMs: 20 },
  });
  expect([await ask(forward.local, 'two'), forward.refused]).toEqual(['got two', []]);
  expect(await Promise.all(['a', 'b', 'c'].map((word) => ask(forward.local, word)))).toEqual([
    ...['got a', 'got b', 'got c'],
  ]);

  await forward.end();
  await expect(ask(forward.local, 'three')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await waitUntil(async () => (await sshd.connections()).length === 0 || undefined, {
    ...{ what: 'no connection to be left', timeoutMs: 30_000, intervalMs: 20 },
  });
});

test('a port where nothing listens is said, and others go on', async () => {
  await using forward = await forwarding(sshd, await freePort());

  expect(await ask(forward.local, 'x').catch(() => '')).toBe('');
  expect(forward.refused).toEqual([
    expect.stringMatching(/does not connect to "127\.0\.0\.1:\d+": .*refused/i),
  ]);
});

test('a server that does not forward is said', async () => {
  await using closed = await startSshd({ config: ['AllowTcpForwarding no'] });
  await using forward = await forwarding(closed, remote);

  expect(await ask(forward.local, 'x').catch(() => '')).toBe('');
  expect(forward.refused).toEqual([expect.stringContaining('does not connect to')]);
});

test('a port that is taken here is refused', async () => {
  await expect(forwarding(sshd, remote, remote)).rejects.toMatchObject({
    code: 'LOCAL_PORT_UNAVAILABLE',
    message: `cannot listen on 127.0.0.1:${remote} of this computer: something listens there already`,
  });
});

async function forwarding({ endpoint }: Sshd, port: number, wanted?: number) {
  const local = wanted ?? (await freePort());
  const stop = new AbortController();
  const refused: string[] = [];
  const opened = Promise.withResolvers<void>();
  const events = {
    opened: () => opened.resolve(),
    closed: () => {},
    refused: (message: string) => refused.push(message),
  };
  const jumpHostKeys = new PinnedHostKey(undefined, async () => {});
  const identities = () => ({ home: '/nonexistent', agent: undefined });
  const transport = new Ssh2Transport({ jumpHostKeys, identities });
  const work = forwardMachine(
    { ports: [{ local, remote: port }], address: '127.0.0.1', events },
    {
      connect: () => transport.connect(endpoint, { hostKeys: jumpHostKeys, timeoutMs: 30_000 }),
      client: () => Promise.reject(new Error('not asked')),
      ...{ clock: systemClock, signal: stop.signal },
    },
  );
  await Promise.race([opened.promise, work]);
  const end = async () => {
    stop.abort();
    await work;
  };
  return { local, refused, end, [Symbol.asyncDispose]: end };
}

async function ask(port: number, question: string): Promise<string> {
  const socket = createConnection({ host: '127.0.0.1', port });
  socket.end(question);
  return await text(socket);
}
