import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NamedEndpoint } from '../../../../src/agent/dns/directory.js';
import { encodeName, RecordType } from '../../../../src/agent/dns/message.js';
import { NameService } from '../../../../src/agent/dns/name-service.js';
import {
  bindSocket,
  inNetworkNamespace,
  openNetworkNamespace,
} from '../../../../src/agent/kernel/network-namespace.js';
import { runOrThrow, start } from '../../../../src/shared/spawn.js';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { DnsClient, FakeUpstream, question } from '../../../support/dns.js';

const id = 'ab'.repeat(32);
let container: ChildProcess;
let pid: number;
let namespace: number;
let directory: string;
let endpoints: NamedEndpoint[];
let internal: boolean;
let service: NameService;
let upstream: FakeUpstream;
let client: DnsClient;

beforeEach(async () => {
  directory = await mkdtemp('/tmp/names-');
  container = start(['unshare', '--net', 'sh', '-c', 'ip link set lo up && echo up && exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!container.stdout || !container.pid) throw new Error('not started');
  await once(container.stdout, 'data');
  pid = container.pid;
  namespace = openNetworkNamespace(pid);
  endpoints = [{ containerName: 'web', aliases: ['www'], addresses: ['10.0.0.1'] }];
  internal = false;
  upstream = await FakeUpstream.start(undefined);
  await writeFile(join(directory, 'resolv.conf'), `nameserver ${upstream.address}\n`);
  service = newService();
  client = new DnsClient(namespace);
});

afterEach(async () => {
  service[Symbol.dispose]();
  upstream[Symbol.dispose]();
  const ended = once(container, 'exit');
  container.stdin?.end();
  await ended;
  await rm(directory, { recursive: true });
});

function newService(): NameService {
  const directoryOfNames = {
    networksOf: () => [{ id: 'n', name: 'net', internal }],
    endpointsOn: () => endpoints,
  };
  return new NameService(directoryOfNames, { resolvConf: join(directory, 'resolv.conf') });
}

function serve(options: { readonly servers?: readonly string[]; readonly ndots?: boolean } = {}): void {
  service.start({ id, pid, servers: options.servers ?? [], ndots: options.ndots ?? false });
}

test('a process in the namespace gets its answers on 127.0.0.11, by UDP and by TCP, from that address', async () => {
  serve();
  const { stdout } = await runOrThrow([
    ...['nsenter', '--target', String(pid), '--net'],
    ...['busybox', 'nslookup', '-type=a', 'www', '127.0.0.11'],
  ]);
  expect(stdout).toMatch(/Server:\s+127\.0\.0\.11[\s\S]*Name:\s+www\s+Address: 10\.0\.0\.1/);
  for (const kind of ['udp', 'tcp'] as const) {
    const answer = await client.ask(question('web', RecordType.A), kind);
    expect(answer.subarray(-4)).toEqual(Buffer.of(10, 0, 0, 1));
  }
});

test('port 53 stays free for a name server in the container', async () => {
  serve();
  const own = await FakeUpstream.start(namespace, '0.0.0.0');
  expect(own.asked).toEqual([]);
  expect((await client.ask(question('web', RecordType.A), 'udp')).readUInt16BE(6)).toBe(1);
  own[Symbol.dispose]();
});

test('an agent that starts again serves at once, and no socket stays when it stops', async () => {
  for (let run = 0; run < 5; run++) {
    serve();
    expect((await client.ask(question('web', RecordType.A), 'udp')).readUInt16BE(6)).toBe(1);
    service[Symbol.dispose]();
    service = newService();
  }
  const { stdout } = await runOrThrow(['nsenter', '--target', String(pid), '--net', 'ss', '-Hlntu']);
  expect(stdout).toBe('');
});

test("other names are asked of the host's server on its loopback, by the way they came", async () => {
  serve();
  for (const kind of ['udp', 'tcp'] as const) {
    const answer = await client.ask(question('example.org', RecordType.A, { id: 77 }), kind);
    expect(answer.readUInt16BE(0)).toBe(77);
    expect(answer.subarray(-4)).toEqual(Buffer.of(192, 0, 2, 1));
  }
  expect(upstream.asked).toEqual(['udp example.org', 'tcp example.org']);
});

test('a large answer passes as it is: by UDP as far as the asker allows, by TCP whole', async () => {
  serve();
  const ask = (kind: 'udp' | 'tcp', udpSize: number) =>
    client.ask(question('large.example.org', RecordType.A, { udpSize }), kind);
  expect((await ask('udp', 4096)).length).toBeGreaterThan(3000);
  expect((await ask('udp', 512)).readUInt16BE(2) & 0x0200).toBe(0x0200);
  expect((await ask('tcp', 512)).length).toBeGreaterThan(3000);
});

test("a container's own servers are asked from its namespace, and the next one where one fails", async () => {
  const inside = await FakeUpstream.start(namespace, '127.0.0.1');
  serve({ servers: ['127.0.0.2', '127.0.0.1'] });
  const answer = await client.ask(question('example.org', RecordType.A), 'udp');
  expect(answer.subarray(-4)).toEqual(Buffer.of(192, 0, 2, 1));
  expect(inside.asked).toEqual(['udp example.org']);
  expect(upstream.asked).toEqual([]);
  inside[Symbol.dispose]();
});

test('a server that says SERVFAIL counts when no other has a better answer; NXDOMAIN is an answer', async () => {
  serve();
  expect((await client.ask(question('broken.org', RecordType.A), 'udp')).readUInt8(3) & 15).toBe(2);
  expect((await client.ask(question('missing.org', RecordType.A), 'udp')).readUInt8(3) & 15).toBe(3);
  expect(upstream.asked).toEqual(['udp broken.org', 'udp missing.org']);
});

test('nothing leaves a container that is on internal networks only', async () => {
  internal = true;
  serve();
  expect((await client.ask(question('example.org', RecordType.A), 'udp')).readUInt8(3) & 15).toBe(2);
  expect(upstream.asked).toEqual([]);
});

test('a single name is not asked elsewhere where the container has search domains for it', async () => {
  serve({ ndots: true });
  const answer = await client.ask(question('single', RecordType.A), 'udp');
  expect([answer.readUInt8(3) & 15, answer.readUInt16BE(6)]).toEqual([0, 0]);
  expect(upstream.asked).toEqual([]);
});

test('a server that does not answer is left for the next one, within the time that clients wait', async () => {
  const silent = inNetworkNamespace(namespace, () => bindSocket('udp', { address: '127.0.0.3', port: 53 }));
  const inside = await FakeUpstream.start(namespace, '127.0.0.1');
  serve({ servers: ['127.0.0.3', '127.0.0.1'] });
  // As clients do, once more where a busy machine lets the time pass.
  const answer = await waitUntil(
    async () => {
      const answer = await client.ask(question('example.org', RecordType.A), 'udp').catch(() => undefined);
      return answer?.readUInt16BE(6) === 1 ? answer : undefined;
    },
    { what: 'the second server', timeoutMs: 60_000, intervalMs: 10 },
  );
  expect(answer.subarray(-4)).toEqual(Buffer.of(192, 0, 2, 1));
  inside[Symbol.dispose]();
  closeSync(silent.fd);
}, 90_000);

test('a container with IPv6 only has an empty answer for IPv4, its address for IPv6, and its name for the address', async () => {
  endpoints = [{ containerName: 'six', aliases: [], addresses: ['fd00::5'] }];
  serve();
  const ask = (name: string, type: number) => client.ask(question(name, type), 'udp');
  const none = await ask('six', RecordType.A);
  expect([none.readUInt8(3) & 15, none.readUInt16BE(6)]).toEqual([0, 0]);
  expect((await ask('six', RecordType.AAAA)).subarray(-16).toString('hex')).toBe(`fd00${'0'.repeat(27)}5`);
  const reverse = `5.${'0.'.repeat(27)}0.0.d.f.ip6.arpa`;
  const name = encodeName('six.net');
  expect((await ask(reverse, RecordType.PTR)).subarray(-name.length)).toEqual(name);
});

test('each of a thousand questions at a time has its own answer', async () => {
  endpoints = Array.from({ length: 1000 }, (_none, at) => ({
    ...{ containerName: `c${at}`, aliases: [] },
    addresses: [`10.1.${at >> 8}.${at & 255}`],
  }));
  serve();
  const answers = await Promise.all(
    endpoints.map((_endpoint, id) =>
      client.ask(question(`c${id}`, RecordType.A, { id: id + 1 }), 'tcp-shared'),
    ),
  );
  const wrong = answers.filter(
    (answer, at) => !answer.subarray(-4).equals(Buffer.of(10, 1, at >> 8, at & 255)),
  );
  expect(wrong).toEqual([]);
});

test('a question that waits when the agent ends is dropped, and the next one answered by its successor', async () => {
  serve();
  const waiting = client.ask(question('silent.org', RecordType.A), 'tcp');
  await waitUntil(async () => upstream.asked.length > 0 || undefined, {
    ...{ what: 'the question', timeoutMs: 30_000, intervalMs: 5 },
  });
  service[Symbol.dispose]();
  await expect(waiting).rejects.toThrow();
  service = newService();
  serve();
  expect((await client.ask(question('web', RecordType.A), 'udp')).readUInt16BE(6)).toBe(1);
});

test('damaged messages are refused, and the next question is answered', async () => {
  serve();
  const good = question('web', RecordType.A);
  for (let length = 0; length < good.length; length++) client.send(good.subarray(0, length));
  for (let value = 0; value < 256; value++) client.send(Buffer.alloc(40, value));
  expect((await client.ask(good, 'udp')).readUInt16BE(6)).toBe(1);
});

test('more questions than may wait get SERVFAIL at once; names of its own go on', async () => {
  serve();
  const many = Array.from({ length: 400 }, (_none, at) =>
    client.ask(question('silent.org', RecordType.A, { id: at }), 'tcp-shared'),
  );
  const first = await Promise.race(many);
  expect(first.readUInt8(3) & 15).toBe(2);
  expect((await client.ask(question('web', RecordType.A), 'udp')).readUInt16BE(6)).toBe(1);
  service.stop(id);
  await Promise.allSettled(many);
});
