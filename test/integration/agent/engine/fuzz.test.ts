import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { configFields, hostConfigFields } from '../../../../src/api/container-config.js';
import { AgentLab } from './support/agent-lab.js';

// Whatever a client sends: never a 500, a crash, a hang or something left over. More of it, and other, by the
// environment.
const runs = Number(process.env['FUZZ_RUNS'] ?? 1500);
const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_124);

let lab: AgentLab;
beforeAll(async () => {
  lab = await AgentLab.start();
  await lab.docker(['create', '--name', 'still', 'busybox', 'true']);
  await lab.docker(['run', '-d', '--name', 'awake', 'busybox', 'sleep', '300']);
}, 120_000);
afterAll(() => lab[Symbol.asyncDispose]());

interface Endpoint {
  readonly method: string;
  readonly path: string;
}
const { endpoints }: { readonly endpoints: readonly Endpoint[] } = JSON.parse(
  readFileSync('docs/engine-api.json', 'utf8'),
);

const parameters =
  `all limit size filters name platform t signal condition stdin stdout stderr stream logs follow since until
  timestamps tail details detachKeys h w ps_args force v link noprune fromImage fromSrc repo tag message changes quiet names
  path noOverwriteDirNonDir copyUIDGID digests one-shot type verbose scope dangling term container comment author pause
  dockerfile remote q nocache rm memory buildargs labels target outputs version`.split(/\s+/);

const odd = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      '0',
      '1',
      '-1',
      'true',
      'nil',
      '1e309',
      '99999999999999999999',
      '{}',
      '[]',
      '{"a":1}',
      '{"a":{"b":true}}',
    ],
    ...[
      '[{}]',
      '{"name":["*"]}',
      '{"status":["running"]}',
      '%',
      '%00',
      '../..',
      '/',
      'still',
      'awake',
      'busybox',
    ],
    ...[
      'busybox:latest',
      'SIGKILL',
      'next-exit',
      '\u0000',
      '\ud83d\ude00',
      'a'.repeat(5000),
      '1.5',
      'ctrl-@,a',
    ],
  ),
  fc.string({ maxLength: 30 }),
);
const idOf = fc.oneof(fc.constantFrom('still', 'awake', 'busybox', 'none', 'bridge', '..', '%2e%2e'), odd);
const query = fc.dictionary(fc.constantFrom(...parameters), odd, { maxKeys: 5 });

const fields =
  `Image Cmd Entrypoint Env Labels HostConfig NetworkingConfig ExposedPorts Volumes Healthcheck User Tty Memory Binds
  Mounts PortBindings RestartPolicy LogConfig Devices Ulimits Sysctls CapAdd Container Config Name Driver IPAM Options
  DriverOpts AttachStdin Detach ConsoleSize Privileged NetworkMode EndpointConfig EndpointsConfig Test Interval CpuShares
  SecurityOpt Tmpfs Dns ExtraHosts StopSignal StopTimeout Type Source Target Path Rate`.split(/\s+/);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, 0, -1, 2 ** 53, 1.5, '', 'busybox', 'a'.repeat(3000), '/x:/y', 'no', [], {}),
    fc.string({ maxLength: 12 }),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...fields), tie('any'), { maxKeys: 4 }),
  ),
})).any;
const body = fc.oneof(
  fc.constantFrom(
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '{}{}',
    '{"Image":"busybox"}',
    '{"a":'.repeat(2000),
    '\ufeff{}',
  ),
  value.map((each) => JSON.stringify(each)),
  // Nearly right: what passes the first checks.
  fc
    .record({ config: knobs(configFields), host: knobs(hostConfigFields) })
    .map(({ config, host }) => JSON.stringify({ ...config, Image: 'busybox', HostConfig: host })),
);

function knobs(known: object): fc.Arbitrary<Record<string, unknown>> {
  const plausible = fc.constantFrom(
    ...[0, 1, -1, 2 ** 40, true, 'a', '', '/x', 'container:awake', 'container:none', 'host', 'none', [], {}],
    ...[
      ['a'],
      ['/:/x'],
      ['a:/x:zz'],
      ['x=y'],
      { a: 'b' },
      { '80/tcp': [{ HostPort: 'x' }] },
      { '80/tcp': {} },
    ],
    ...[
      [{ Path: '/dev/null', Rate: 1 }],
      [{ Type: 'bind' }],
      [{ Name: 'nofile', Soft: 9, Hard: 1 }],
      { Name: 'a' },
    ],
  );
  return fc.dictionary(fc.constantFrom(...Object.keys(known)), plausible, { maxKeys: 3 });
}

interface Attempt {
  readonly method: string;
  readonly target: string;
  readonly body: string;
  readonly type: string;
}
const attempt = fc
  .record({
    endpoint: fc.constantFrom(...endpoints),
    version: fc.constantFrom('', '/v1.24', '/v1.41', '/v1.47', '/v1.99', '/v0', '/vx'),
    ids: fc.array(idOf, { minLength: 2, maxLength: 2 }),
    query,
    body,
    type: fc.constantFrom('application/json', 'application/json', 'application/x-tar', 'text/plain', ''),
  })
  .map(({ endpoint, version, ids, query, body, type }): Attempt => {
    let used = 0;
    const path = endpoint.path.replace(/\{\w+\}/g, () => encode(ids[used++ % 2] ?? ''));
    const search = Object.entries(query).map(([key, each]) => `${key}=${encode(each)}`);
    return { method: endpoint.method, target: `${version}${path}?${search.join('&')}`, body, type };
  })
  // A wait, an event stream and the like would only wait.
  .filter(({ target }) => !/\/(wait|events)\b/.test(target));

function encode(text: string): string {
  return /^%(00|2e%2e)?$/.test(text) ? text : encodeURIComponent(text.toWellFormed());
}

/** The status, or undefined where the connection became a stream or was cut. */
function send({ method, target, body, type }: Attempt): Promise<number | undefined> {
  const headers = { ...(type && { 'Content-Type': type }), 'Content-Length': Buffer.byteLength(body) };
  const outgoing = request({ socketPath: lab.socket, method, path: target, headers });
  const patience = setTimeout(() => outgoing.destroy(), 3_000);
  return new Promise((resolve) => {
    outgoing.once('response', (answer: IncomingMessage) => {
      setTimeout(() => answer.destroy(), 200).unref(); // logs and the like go on
      answer.resume();
      answer.on('error', () => {});
      answer.once('close', () => {
        clearTimeout(patience);
        resolve(answer.statusCode);
      });
    });
    outgoing.once('error', () => {
      clearTimeout(patience);
      resolve(undefined);
    });
    outgoing.end(body);
  });
}

test(
  'no request at all is answered with 500',
  async () => {
    await fc.assert(
      fc.asyncProperty(attempt, async (each) => {
        const status = await send(each);
        if (status === 500)
          throw new Error(`500 for ${each.method} ${each.target} ${each.body.slice(0, 300)}`);
      }),
      { numRuns: runs, seed, endOnFailure: true },
    );
    expect((await lab.request('GET', '/_ping')).status).toBe(200);
  },
  120_000 + runs * 100,
);

describe('the connection itself', () => {
  const raw = async (text: string, ms = 300): Promise<string> => {
    const socket = connect(lab.socket);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('error', () => {});
    socket.write(text);
    await Promise.race([new Promise((closed) => socket.once('close', closed)), delay(ms)]);
    socket.destroy();
    return answer;
  };

  test.each([
    ['no HTTP at all', '\u0016\u0003\u0001\u0002\u0000', /^(HTTP\/1.1 400|$)/],
    ['a target of 100 kB', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, /^(HTTP\/1.1 4\d\d|$)/],
    [
      'a header of 100 kB',
      `GET /_ping HTTP/1.1\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`,
      /^(HTTP\/1.1 4\d\d|$)/,
    ],
    [
      'two lengths',
      'POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      /400/,
    ],
    [
      'a length and chunks',
      'POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /400/,
    ],
    [
      'a chunk without an end',
      'POST /containers/create HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      /400|^$/,
    ],
    ['an unknown method', 'BREW /_ping HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1.1 4\d\d/],
  ])('%s is refused', async (_, text, expected) => {
    expect(await raw(text)).toMatch(expected);
  });

  test('clients that never finish their request hold nobody up', async () => {
    const slow = Array.from({ length: 200 }, () => {
      const socket = connect(lab.socket);
      socket.on('error', () => {});
      socket.write('POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{');
      return socket;
    });
    await delay(200);
    const began = performance.now();

    expect((await lab.request('GET', '/containers/json')).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(20_000);
    for (const socket of slow) socket.destroy();
  });

  test('a body that is larger than any is refused while it comes', async () => {
    const outgoing = request({ socketPath: lab.socket, method: 'POST', path: '/containers/create' });
    outgoing.on('error', () => {});
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    const chunk = Buffer.alloc(2 ** 20, ' ');
    for (let sent = 0; sent < 40 && !outgoing.destroyed; sent++) {
      if (!outgoing.write(chunk)) await Promise.race([once(outgoing, 'drain'), answered, delay(1000)]);
    }
    const [answer] = await answered;
    outgoing.destroy();

    expect(answer.statusCode).toBe(400);
  });
});

test('afterwards everything can be removed, and nothing stays mounted', async () => {
  const { stdout } = await lab.docker(['ps', '-aq', '--no-trunc', '--filter', 'name=still|awake']);
  const { stdout: all } = await lab.docker(['ps', '-aq']);
  for (const id of all.split('\n').filter(Boolean)) await lab.docker(['rm', '-f', '-v', id]);

  expect(stdout.split('\n').length).toBeGreaterThanOrEqual(1);
  expect((await lab.docker(['ps', '-aq'])).stdout).toBe('');
  expect(await lab.mountsOf('/layers/')).toEqual([]);
});
