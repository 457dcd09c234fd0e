import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { solveRequest, statusRequest } from '../../../../src/buildkit/wire/control.js';
import { GrpcClient } from '../../../../src/grpc/client.js';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { buildKitClients, makeDockerConfig } from '../../../support/buildkit-clients.js';
import { bcryptOfSecret } from '../../../support/registry.js';
import { AgentLab, type Outcome } from './support/agent-lab.js';

const clients = await buildKitClients();
const [newest] = clients;

let lab: AgentLab;
let config: string;
let number = 0;

beforeAll(async () => {
  lab = await AgentLab.start();
  config = await makeDockerConfig(lab.directory);
});
afterAll(async () => lab[Symbol.asyncDispose]());

async function contextOf(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = join(lab.directory, `context-${number++}`);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), content);
  }
  return directory;
}

async function docker(
  args: readonly string[],
  { client = newest, input = '' as string | Buffer, env = {} as NodeJS.ProcessEnv } = {},
): Promise<Outcome & { readonly all: string }> {
  if (!client) throw new Error('there is no client');
  const options = { client: client.path, input, env: { DOCKER_CONFIG: config, ...client.env, ...env } };
  const outcome = await lab.docker(args, options);
  return { ...outcome, all: `${outcome.stdout}${outcome.stderr}` };
}

async function build(
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  options: Parameters<typeof docker>[1] = {},
): Promise<string> {
  const { code, all } = await docker(['build', '--progress=plain', ...args, await contextOf(files)], options);
  if (code !== 0) throw new Error(`it was not built: ${all}`);
  return all;
}

async function failure(
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [],
  options: Parameters<typeof docker>[1] = {},
): Promise<string> {
  const { code, all } = await docker(['build', '--progress=plain', ...args, await contextOf(files)], options);
  if (code === 0) throw new Error(`it was built: ${all}`);
  return all;
}

async function printed(image: string): Promise<string> {
  return (await docker(['run', '--rm', image])).stdout;
}

describe.each(clients.map((client) => [client.name, client] as const))('docker build of %s', (_, client) => {
  test('runs, copies between stages, tags and writes the ID', async () => {
    const idFile = join(lab.directory, `id-${number}`);
    const out = await build(
      {
        Dockerfile: `# syntax=docker/dockerfile:1
          FROM busybox AS one
          RUN echo hello > /made
          FROM busybox AS unused
          RUN false
          FROM busybox
          ARG WHO
          COPY --from=one /made /made
          COPY a.txt /b/
          RUN echo $WHO > /who
          CMD ["cat", "/made", "/b/a.txt", "/who"]`,
        'a.txt': 'copied\n',
      },
      ['-t', 'first:1', '--iidfile', idFile, '--build-arg', 'WHO=you', '--label', 'a=b'],
      { client },
    );

    expect(out).toMatch(/\[one 1\/2\] FROM docker\.io\/library\/busybox:latest/);
    expect(out).toMatch(/\[stage-2 3\/4\] COPY a\.txt \/b\//);
    expect(out).toMatch(/naming to docker\.io\/library\/first:1/);
    expect(await printed('first:1')).toBe('hello\ncopied\nyou\n');
    const inspected = await docker(['inspect', '-f', '{{.Id}} {{.Config.Labels.a}}', 'first:1']);
    expect(inspected.stdout).toBe(`${await readFile(idFile, 'utf8')} b\n`);
  });

  test('draws nothing for instructions without files, and cached steps as such', async () => {
    const files = { Dockerfile: 'FROM busybox\nENV A=b\nRUN date > /d\nLABEL c=d\nWORKDIR /w\n' };
    await build(files, [], { client });

    const again = await build(files, [], { client });

    expect(again).not.toMatch(/ENV|LABEL/);
    expect(again).toMatch(/\[2\/3\] RUN date > \/d\n(?:#\d+ sha256:.*\n)?#\d+ CACHED/);
    expect(again).toMatch(/\[3\/3\] WORKDIR \/w\n(?:#\d+ sha256:.*\n)?#\d+ CACHED/);
  });

  test('shows what a command said and how it failed', async () => {
    const out = await failure({ Dockerfile: 'FROM busybox\nRUN echo before; exit 7\n' }, [], { client });

    expect(out).toMatch(/#\d+ \d+\.\d+ before\n/);
    expect(out).toContain(
      'process "/bin/sh -c echo before; exit 7" did not complete successfully: exit code: 7',
    );
    expect((await docker(['ps', '-aq'])).stdout).toBe('');
  });

  test('gives a command secrets and the agent for ssh', async () => {
    const secret = join(lab.directory, 'secret');
    await writeFile(secret, 'hush');
    const agent = join(lab.directory, `agent-${number}`);
    const pid = startAgent(agent);
    const mounts = '--mount=type=secret,id=s --mount=type=ssh';
    const check = '[ -S $SSH_AUTH_SOCK ] && cat /run/secrets/s | tr a-z A-Z';
    try {
      const out = await build(
        { Dockerfile: `FROM busybox\nRUN ${mounts} ${check}\nCMD find /run\n` },
        ['--no-cache', '-t', 'no-secret', '--secret', `id=s,src=${secret}`, '--ssh', 'default'],
        { client, env: { SSH_AUTH_SOCK: agent } },
      );

      expect(out).toContain('HUSH');
      expect(await printed('no-secret')).toBe(''); // no mount point is left
    } finally {
      process.kill(pid);
    }
  });

  test('takes a Dockerfile, a context, or both from its input', async () => {
    const dockerfile = 'FROM busybox\nCOPY a.txt /\nCMD cat /a.txt\n';
    const directory = await contextOf({ 'a.txt': 'from the directory\n' });
    const tar = execFileSync('tar', [
      '-C',
      await contextOf({ Dockerfile: dockerfile, 'a.txt': 'from a tar\n' }),
      '-c',
      '.',
    ]);

    for (const [args, input, wanted] of [
      [['-f', '-', directory], dockerfile, 'from the directory\n'],
      [['-'], tar, 'from a tar\n'],
      [['-'], 'FROM busybox\nCMD echo no context\n', 'no context\n'],
    ] as const) {
      const { code, all } = await docker(['build', '-t', 'input', ...args], { client, input });
      expect({ code, all }).toMatchObject({ code: 0 });
      expect(await printed('input')).toBe(wanted);
    }
  });

  test('leaves nothing when it is stopped', async () => {
    const directory = await contextOf({ Dockerfile: 'FROM busybox\nRUN echo begun; sleep 1000\n' });
    const env = { ...lab.env, DOCKER_CONFIG: config, ...client.env };
    const child = spawn(client.path, ['build', '--progress=plain', '--no-cache', directory], { env });
    let out = '';
    child.stderr.on('data', (chunk) => {
      out += chunk;
    });
    await waitUntil(async () => (/ begun\n/.test(out) ? true : undefined), {
      ...{ what: 'the command', timeoutMs: 30_000, intervalMs: 20 },
    });

    child.kill('SIGINT');
    await once(child, 'close');

    await waitUntil(async () => ((await docker(['ps', '-aq'])).stdout === '' ? true : undefined), {
      ...{ what: 'the end of its container', timeoutMs: 30_000, intervalMs: 100 },
    });
    expect(await temporaryFiles()).toEqual([]);
  });

  test('writes the files of an image to a directory and to a tar', async () => {
    const files = {
      Dockerfile: 'FROM scratch\nCOPY . /\n',
      '.dockerignore': 'Dockerfile\n*.md\n',
      'd/a': '1',
      'x.md': '',
    };
    const directory = join(lab.directory, `out-${number}`);

    await build(files, ['-o', directory], { client });
    await build(files, ['-o', `type=tar,dest=${directory}.tar`], { client });

    expect((await readdir(directory, { recursive: true })).sort()).toEqual(['.dockerignore', 'd', 'd/a']);
    const names = execFileSync('tar', ['-tf', `${directory}.tar`], { encoding: 'utf8' });
    expect(names.split('\n').filter(Boolean).sort()).toEqual(['.dockerignore', 'd/', 'd/a']);
  });
});

/** What builds keep only while they run. */
async function temporaryFiles(): Promise<readonly string[]> {
  const roots = ['data/build/tmp', 'run/build/tmp', 'data/build/contexts'].map((name) =>
    join(lab.directory, name),
  );
  const names = await Promise.all(roots.map((root) => readdir(root).catch(() => [])));
  return names.flat().filter((name) => !/^[0-9a-f]{64}$/.test(name)); // those are kept for the next build
}

function startAgent(socket: string): number {
  const said = execFileSync('ssh-agent', ['-a', socket], { encoding: 'utf8' });
  return Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]);
}

describe('errors', () => {
  test.each([
    ['FROM busybox\nFOO x\n', /Dockerfile:2\n-+\n.*\n +2 \| >>> FOO x\n/s],
    ['FROM busybox\nRUN echo \\\n  a && false\nRUN true', / 2 \| >>> RUN echo \\\n +3 \| >>> +a && false\n/],
    ['FROM busybox\nCOPY nosuch /', /2 \| >>> COPY nosuch \/\n/],
    [
      '# syntax=example.com/front\nFROM busybox',
      /the front end "example.com\/front" .* is not supported by this engine/,
    ],
  ])('%j shows the place', async (Dockerfile, wanted) => {
    expect(await failure({ Dockerfile })).toMatch(wanted);
  });

  test.each([
    [
      'a cache elsewhere',
      ['--cache-to', 'type=azblob,account_url=https://x.example'],
      'a cache of type "azblob" ("cache-to")',
    ],
    [
      'several platforms',
      ['--platform', 'linux/amd64,linux/arm64'],
      'Multi-platform build is not supported for the docker driver',
    ],
    ['a target that is not there', ['--target', 'x'], 'failed to reach build target x in Dockerfile'],
  ])('%s is refused by name', async (_, args, wanted) => {
    expect(await failure({ Dockerfile: 'FROM busybox' }, args)).toContain(wanted);
  });
});

test('only what has changed travels', async () => {
  const big = 'x'.repeat(1_000_000);
  const files = { Dockerfile: 'FROM scratch\nCOPY . /\n', big, 'a/small': '1' };
  const directory = await contextOf(files);
  const transferred = async () => {
    const { all } = await docker(['build', '--progress=plain', directory]);
    return /load build context\n(?:.*\n)*?.*transferring context: (\S+)/.exec(all)?.[1];
  };

  const first = await transferred();
  const unchanged = await transferred();
  await writeFile(join(directory, 'a/small'), '2'.repeat(100));
  const changed = await transferred();

  expect(first).toMatch(/^1\.0\dMB$/);
  expect(unchanged).toMatch(/^\d\dB$/);
  expect(changed).toMatch(/^1\d\dB$/);
});

test('settings of the commands are obeyed', async () => {
  const out = await build(
    { Dockerfile: 'FROM busybox\nRUN cat /etc/hosts; ulimit -n; df -k /dev/shm; ls /sys/class/net\n' },
    [
      ...['--no-cache', '--add-host', 'one:1.2.3.4', '--add-host', 'gate:host-gateway', '--network', 'none'],
      ...['--ulimit', 'nofile=123:456', '--shm-size', '8m'],
    ],
  );

  expect(out).toMatch(/1\.2\.3\.4\s+one\n/);
  expect(out).toMatch(/\d+\.\d+\.\d+\.1\s+gate\n/);
  expect(out).toMatch(/ 123\n.* 8192 /s);
  expect(out).not.toMatch(/ eth0\n/);
});

test('contexts stand for images, stages and directories', async () => {
  const other = await contextOf({ o: 'other\n', '.dockerignore': 'o2\n', o2: '' });
  const tree = await contextOf({ t: 'tree\n' });
  const directory = join(lab.directory, `out-${number}`);

  await build(
    {
      Dockerfile: `
        FROM nowhere.example/x AS one
        COPY --from=other . /o
        RUN --mount=type=bind,from=other,target=/m cp /m/o /o/copied
        FROM tree
        COPY --from=one /o /got`,
    },
    [
      ...['--build-context', 'nowhere.example/x=docker-image://busybox', '--build-context', `other=${other}`],
      ...['--build-context', `tree=${tree}`, '--output', directory],
    ],
  );

  const found = (await readdir(directory, { recursive: true })).sort();
  expect(found).toEqual(['got', 'got/.dockerignore', 'got/copied', 'got/o', 't']);
});

test('an ignore file of the Dockerfile counts before that of the directory', async () => {
  const directory = join(lab.directory, `out-${number}`);
  const files = {
    ...{ 'x.Dockerfile': 'FROM scratch\nCOPY . /\n', 'x.Dockerfile.dockerignore': '/*\n!/kept\n' },
    ...{ '.dockerignore': 'kept\n', 'kept/a': '', dropped: '' },
  };
  const context = await contextOf(files);

  await docker(['build', '-f', join(context, 'x.Dockerfile'), '-o', directory, context]);

  expect((await readdir(directory, { recursive: true })).sort()).toEqual(['kept', 'kept/a']);
});

test('what the Dockerfile does not name stays with the client, but for triggers of the base image', async () => {
  const big = 'x'.repeat(500_000);
  const small = await build({ Dockerfile: 'FROM busybox\nCOPY a /\n', a: '', big });
  await build({ Dockerfile: 'FROM busybox\nONBUILD COPY big /\n' }, ['-t', 'triggers']);
  const whole = await build({ Dockerfile: 'FROM triggers\nRUN wc -c /big\n', a: '', big }, ['--no-cache']);

  expect(small).toMatch(/transferring context: \d+B (?:\S+s )?done/);
  expect(whole).toMatch(/transferring context: 500\.\d+kB/);
  expect(whole).toContain('500000 /big');
});

test('a Dockerfile may come from a URL', async () => {
  const served = await contextOf({ Dockerfile: 'FROM busybox\nCOPY a /\n' });
  await using _ = await lab.serving(
    ['busybox', 'httpd', '-f', '-p', '127.0.0.1:8099', '-h', served],
    [...['busybox', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:8099/Dockerfile']],
  );

  await build({ a: '' }, ['-f', 'http://127.0.0.1:8099/Dockerfile']);
});

describe('a registry that wants a login', () => {
  const registry = '127.0.0.1:5055';
  const base = `${registry}/private/base:1`;
  let served: AsyncDisposable;

  beforeAll(async () => {
    const directory = await contextOf({
      'config.yml': [
        'version: 0.1',
        'log: {level: error}',
        `storage: {filesystem: {rootdirectory: ${lab.directory}/registry}}`,
        `http: {addr: "${registry}"}`,
        `auth: {htpasswd: {realm: test, path: ${lab.directory}/htpasswd}}`,
      ].join('\n'),
    });
    await writeFile(join(lab.directory, 'htpasswd'), `alice:${bcryptOfSecret}\n`);
    served = await lab.serving(
      ['docker-registry', 'serve', join(directory, 'config.yml')],
      ['curl', '-s', `http://${registry}/v2/`],
    );
    const auth = Buffer.from('alice:secret').toString('base64');
    await writeFile(join(config, 'config.json'), JSON.stringify({ auths: { [registry]: { auth } } }));
    await docker(['tag', 'busybox', base]);
    expect(await docker(['push', base])).toMatchObject({ code: 0 });
  });
  afterAll(() => served[Symbol.asyncDispose]());

  test.each(clients.map((client) => [client.name, client] as const))(
    'gives %s its images',
    async (_, client) => {
      await docker(['rmi', base]);

      await build({ Dockerfile: `FROM ${base}\n` }, [], { client });
      await docker(['rmi', base]);
      const refused = await failure({ Dockerfile: `FROM ${base}\n` }, [], {
        ...{ client, env: { DOCKER_CONFIG: await makeDockerConfig(await contextOf({ x: '' })) } },
      });

      expect(refused).toMatch(/no basic auth credentials|unauthorized|authentication required/);
      await docker(['pull', base]);
    },
  );

  test('gives steps that count as cached', async () => {
    const app = `${registry}/private/app:1`;
    const files = { Dockerfile: 'FROM busybox\nRUN date +%N > /d\nCOPY a /\n', a: '' };
    await build(files, ['-t', app, '--push', '--cache-to', 'type=inline']);
    await docker(['rmi', app]);
    await docker(['builder', 'prune', '-af']);

    const again = await build(files, ['--cache-from', `type=registry,ref=${app}`]);
    const without = await build(files, ['--no-cache', '--cache-from', `${registry}/private/nosuch`]);

    expect(again.match(/ CACHED/g)).toHaveLength(2);
    expect(without).toMatch(
      /importing cache manifest from 127.0.0.1:5055\/private\/nosuch:latest\n#\d+ ERROR/,
    );
  });
});

describe('nonsense', () => {
  test.each([
    ['no HTTP/2', Buffer.from('GET / HTTP/1.1\r\n\r\n'.repeat(100))],
    ['nothing but its preface', Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')],
    [
      'frames of any kind',
      Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.alloc(5000, 7)]),
    ],
  ])('%s on an upgraded connection does not disturb the engine', async (_, bytes) => {
    for (const path of ['/grpc', '/session']) {
      const socket = await upgraded(path);
      socket.end(bytes);
      await once(socket, 'finish');
      socket.destroy();
    }

    expect((await lab.request('GET', '/_ping')).body).toBe('OK');
  });

  test.each(['/grpc', '/session'])('%s without an upgrade is refused', async (path) => {
    expect((await lab.request('POST', path)).status).toBe(400);
  });

  test.each([
    ['an unknown method', 'Fly', Buffer.alloc(0), 12, 'unknown service or method'],
    ['a message that is none', 'Solve', Buffer.from([0x0a, 200]), 2, 'malformed protobuf message'],
    [
      'a graph of operations',
      'Solve',
      solveRequest.encode({ Ref: 'x', Definition: { def: [Buffer.of(1)] } }),
      2,
      '(LLB)',
    ],
    [
      'an unknown front end',
      'Solve',
      solveRequest.encode({ Ref: 'x', Frontend: 'none.v9' }),
      2,
      'the front end "none.v9"',
    ],
    [
      'an unknown output',
      'Solve',
      solveRequest.encode({ Exporters: [{ Type: 'moon' }] }),
      2,
      'the output "moon"',
    ],
    [
      ...(['no session', 'Solve', solveRequest.encode({ Ref: 'y', Frontend: 'dockerfile.v0' })] as const),
      ...([2, 'no active session'] as const),
    ],
    ['a build that is not there', 'Status', statusRequest.encode({ Ref: 'none' }), 2, 'no such job none'],
  ])('%s is refused by name', async (_, method, body, code, message) => {
    const client = new GrpcClient(await upgraded('/grpc'));
    const bytes = { decode: () => ({}), encode: (value: Uint8Array) => value };
    const signal = AbortSignal.timeout(20_000);
    try {
      const call = client.unary(
        `/moby.buildkit.v1.Control/${method}`,
        { request: bytes, response: bytes },
        body,
        { signal },
      );

      await expect(call).rejects.toMatchObject({
        status: { code, message: expect.stringContaining(message) },
      });
    } finally {
      client.close();
    }
  });
});

/** A connection that has become another protocol's. */
async function upgraded(path: string): Promise<Socket> {
  const headers = { Connection: 'Upgrade', Upgrade: 'h2c', 'X-Docker-Expose-Session-Uuid': 'nonsense' };
  const outgoing = request({ socketPath: lab.socket, method: 'POST', path, headers });
  outgoing.end();
  const [, socket, head] = (await once(outgoing, 'upgrade')) as [IncomingMessage, Socket, Buffer];
  if (head.length > 0) socket.unshift(head);
  socket.on('error', () => {}); // the engine may break it off
  return socket;
}
