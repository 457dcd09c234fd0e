import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { tarEnd, tarFile } from '../../../../src/shared/tar/tar-writer.js';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { dockerClients } from '../../../support/tsmachine.js';
import { AgentLab } from './support/agent-lab.js';

const clients = (await dockerClients()).map(({ path }) => path);

let lab: AgentLab;
let number = 0;

beforeAll(async () => {
  lab = await AgentLab.start();
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

async function docker(args: readonly string[], client = clients[0] ?? 'docker', input = '') {
  return await lab.docker(args, { client, input });
}

async function output(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stdout}\n${stderr}`);
  return stdout;
}

/** Builds and answers what docker printed. */
async function build(files: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> {
  return await output('build', ...args, await contextOf(files));
}

/** Builds, and answers what the image prints. */
async function builtAndRun(
  files: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<string> {
  const tag = `test-${number}`;
  await build(files, '-t', tag, ...args);
  return (await output('run', '--rm', tag)).trim();
}

async function failure(files: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> {
  const { code, stderr, stdout } = await docker(['build', ...args, await contextOf(files)]);
  if (code === 0) throw new Error(`it was built: ${stdout}`);
  return stderr;
}

describe.each(clients)('docker build of %s', (client) => {
  test('runs, copies, sets the command and tags, in the words of docker', async () => {
    const directory = await contextOf({
      Dockerfile: 'FROM busybox\nRUN echo hello > /made\nCOPY a.txt /b/\nCMD ["cat", "/made", "/b/a.txt"]\n',
      'a.txt': 'copied\n',
    });

    const { stdout, stderr, code } = await docker(
      ['build', '--no-cache', '-t', 'first:1', directory],
      client,
    );

    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(
      /^Step 1\/4 : FROM busybox\n ---> [0-9a-f]{12}\nStep 2\/4 : RUN echo hello > \/made\n/m,
    );
    expect(stdout).toMatch(
      / ---> Running in ([0-9a-f]{12})\nRemoving intermediate container \1\n ---> [0-9a-f]{12}\n/,
    );
    expect(stdout).toMatch(/Successfully built [0-9a-f]{12}\nSuccessfully tagged first:1\n$/);
    expect(await output('run', '--rm', 'first:1')).toBe('hello\ncopied\n');
  });

  test('ends with the exit code of the command that failed', async () => {
    const directory = await contextOf({ Dockerfile: 'FROM busybox\nRUN echo before; exit 7\n' });

    const { code, stdout, stderr } = await docker(['build', directory], client);

    expect(code).toBe(7);
    expect(stdout).toContain('before\n');
    expect(stderr).toContain("The command '/bin/sh -c echo before; exit 7' returned a non-zero code: 7");
    expect(await output('ps', '-aq')).toBe('');
  });
});

describe('the cache', () => {
  const dockerfile =
    'FROM busybox\nARG WHO=x\nRUN echo $WHO; date +%N > /now\nCOPY src /src\nRUN cat /src/a > /a\n';

  test('gives the same image when nothing has changed, whatever the times of files', async () => {
    await build({ Dockerfile: dockerfile, 'src/a': '1' }, '-q', '-t', 'cached');
    const first = await output('inspect', '-f', '{{.Id}}', 'cached');

    const again = await build({ Dockerfile: dockerfile, 'src/a': '1' }, '-t', 'cached');

    expect(again.match(/Using cache/g)).toHaveLength(4);
    expect(await output('inspect', '-f', '{{.Id}}', 'cached')).toBe(first);
  });

  test.each([
    ['a file', { 'src/a': '2' }, [], 2],
    ['a build argument in use', { 'src/a': '1' }, ['--build-arg', 'WHO=you'], 1],
    ['everything with --no-cache', { 'src/a': '1' }, ['--no-cache'], 0],
  ])('misses from the step on that sees %s changed', async (_, files, args, hits) => {
    await build({ Dockerfile: dockerfile, 'src/a': '1' });

    const out = await build({ Dockerfile: dockerfile, ...files }, ...args);

    expect(out.match(/Using cache/g) ?? []).toHaveLength(hits);
  });

  test('survives the agent, is counted and can be pruned', async () => {
    const files = { Dockerfile: 'FROM busybox\nRUN head -c 100000 /dev/zero > /zeros\n' };
    await build(files);
    await lab.endAgent('SIGKILL');
    await lab.startAgent();

    expect(await build(files)).toContain('Using cache');
    expect(await output('system', 'df')).toMatch(/Build Cache\s+[1-9]/);
    await output('image', 'prune', '-f');
    expect(await output('builder', 'prune', '-af')).toMatch(/Total reclaimed space: [1-9]/);
    expect(await output('system', 'df')).toMatch(/Build Cache\s+0/);
  });

  test('takes the layers of an image that --cache-from names', async () => {
    const files = { Dockerfile: 'FROM busybox\nRUN date +%N > /now\nCMD ["cat", "/now"]\n' };
    const before = await builtAndRun(files, '-t', 'source');
    await output('builder', 'prune', '-af');

    const out = await build(files, '--cache-from', 'source', '-t', 'again');

    expect(out.match(/Using cache/g)).toHaveLength(2);
    expect((await output('run', '--rm', 'again')).trim()).toBe(before);
  });

  test('has nothing but parts of the images that --cache-from names, where there is one', async () => {
    const files = (last: string) => ({
      Dockerfile: `FROM busybox\nRUN echo base > /b\nRUN echo ${last} > /l\n`,
    });
    await build(files('one'), '-t', 'source');
    await build(files('two'));

    const cached = async (...args: string[]) =>
      (await build(files('two'), ...args)).match(/Using cache/g)?.length ?? 0;

    expect(await cached()).toBe(2);
    expect(await cached('--cache-from', 'source')).toBe(1);
    expect(await cached('--cache-from', 'nosuch')).toBe(0);
  });
});

describe('stages', () => {
  test('copies from stages by name and index, skips what is not needed, and builds the target', async () => {
    const files = {
      Dockerfile: [
        'FROM busybox AS one\nRUN echo one > /one',
        'FROM busybox AS broken\nRUN exit 9',
        'FROM one AS two\nRUN echo two > /two',
        'FROM scratch AS files\nCOPY --from=two /two /one /',
        'FROM busybox\nCOPY --from=files / /all/\nCOPY --from=0 /one /again\nCOPY --from=busybox /etc/group /group',
        'CMD cat /all/* /again; grep -c root /group',
        'FROM busybox AS last\nRUN exit 8\n',
      ].join('\n'),
    };

    expect(await builtAndRun(files, '--target', '4')).toBe('one\ntwo\none\n1');
    expect(await failure(files, '--target', 'nosuch')).toContain(
      'failed to reach build target nosuch in Dockerfile',
    );
  });
});

test('stages that do not need each other are built at the same time, and told in order', async () => {
  // Each waits for what the other writes.
  const step = (own: string, other: string) =>
    `RUN --mount=type=cache,target=/c touch /c/${own}; for i in $(seq 100); do [ -e /c/${other} ] && break; usleep 100000; done; [ -e /c/${other} ]`;
  const files = {
    Dockerfile: [
      `FROM busybox AS a\n${step('a', 'b')}`,
      `FROM busybox AS b\n${step('b', 'a')}`,
      'FROM scratch\nCOPY --from=a /etc/passwd /\nCOPY --from=b /etc/group /\n',
    ].join('\n'),
  };

  const out = await build(files, '--no-cache');

  expect([...out.matchAll(/^Step (\d)\/7/gm)].map(([, step]) => step)).toEqual([...'1234567']);
});

describe('instructions', () => {
  test('set the configuration', async () => {
    await build(
      {
        Dockerfile: [
          'ARG BASE=busybox\nFROM ${BASE}',
          'ENV A=1 B="two words" C=${A:-x}${NO:+y}\nENV D $A old form',
          'LABEL "some key"=v other="$B"\nEXPOSE 80 53/udp\nVOLUME /data\nUSER nobody\nWORKDIR /w\nWORKDIR sub',
          'STOPSIGNAL SIGUSR1\nSHELL ["/bin/ash", "-c"]\nHEALTHCHECK --interval=5s CMD true',
          'ENTRYPOINT ["echo"]\nCMD a b\nONBUILD RUN echo later\nMAINTAINER me',
        ].join('\n'),
      },
      ...['-t', 'configured', '--label', 'from=cli'],
    );

    const [{ Config: config, Author }] = JSON.parse(await output('inspect', 'configured'));

    expect(config).toMatchObject({
      Env: expect.arrayContaining(['A=1', 'B=two words', 'C=x', 'D=1 old form']),
      Labels: { 'some key': 'v', other: 'two words', from: 'cli' },
      ExposedPorts: { '80/tcp': {}, '53/udp': {} },
      ...{ Volumes: { '/data': {} }, User: 'nobody', WorkingDir: '/w/sub', StopSignal: 'SIGUSR1' },
      ...{ Shell: ['/bin/ash', '-c'], Entrypoint: ['echo'], Cmd: ['/bin/ash', '-c', 'a b'] },
      Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 5_000_000_000 },
      OnBuild: ['RUN echo later'],
    });
    expect(Author).toBe('me');
    expect(await build({ Dockerfile: 'FROM configured\n' })).toContain('# Executing 1 build trigger');
  });

  test('run with their arguments, heredocs and mounts', async () => {
    const files = {
      Dockerfile: [
        'FROM busybox\nARG ONE=1\nARG TARGETARCH\nRUN echo $ONE $TARGETARCH > /args',
        'RUN <<EOF\necho first\necho second > /here\nEOF',
        'RUN <<X cat > /quoted\nas $HOME is\nX',
        'COPY <<A <<"B" /files/\n$ONE\nA\n$ONE\nB',
        'RUN --mount=type=bind,source=f,target=/bound --mount=type=tmpfs,target=/t cat /bound > /seen && touch /t/x',
        'RUN --mount=type=cache,target=/cache echo more >> /cache/log; wc -l < /cache/log > /count',
        'RUN --network=none ip addr | grep -c eth0 > /net || true',
        'CMD cat /args /here /quoted /files/A /files/B /seen /count /net; ls -d /bound /cache /t 2>/dev/null || true',
      ].join('\n'),
      f: 'file\n',
    };

    const arch = process.arch === 'x64' ? 'amd64' : process.arch;
    expect(await builtAndRun(files)).toBe(`1 ${arch}\nsecond\nas /root is\n1\n$ONE\nfile\n1\n0`);
  });

  test('write to what they bind, and it is thrown away', async () => {
    const files = {
      Dockerfile: [
        'FROM busybox AS one\nRUN mkdir /d && echo old > /d/f',
        'FROM busybox',
        'RUN --mount=type=bind,from=one,source=/d,target=/m,rw echo new > /m/f && cat /m/f > /first',
        'RUN --mount=type=bind,target=/c,readwrite echo new > /c/a && cat /c/a >> /first',
        'RUN --mount=type=bind,from=one,source=/d,target=/m --mount=type=bind,target=/c cat /m/f /c/a > /second',
        'CMD cat /first /second',
      ].join('\n'),
      a: 'own\n',
    };

    expect(await builtAndRun(files)).toBe('new\nnew\nold\nown');
  });

  test('are held to the limits and the network of the build', async () => {
    const out = await build(
      {
        Dockerfile:
          'FROM busybox\nRUN df -k /dev/shm | tail -1; ulimit -n; grep one /etc/hosts; ls /sys/class/net; cat /proc/self/cgroup\n',
      },
      ...['--no-cache', '--shm-size', '8m', '--ulimit', 'nofile=123:456', '--add-host', 'one:1.2.3.4'],
      ...[
        '--network',
        'none',
        '--memory',
        '64m',
        '--cpu-shares',
        '7',
        '--cgroup-parent',
        '/tsmachine/builds',
      ],
    );

    expect(out).toMatch(/ 8192 .*\n123\n1\.2\.3\.4\s+one\nlo\n/);
    expect(out).toMatch(/tsmachine\/builds\/[0-9a-f]{64}/);
    expect(out).not.toContain('eth0');
    for (const hierarchy of ['.', ...(await readdir('/sys/fs/cgroup'))]) {
      await rmdir(join('/sys/fs/cgroup', hierarchy, 'tsmachine/builds')).catch(() => {}); // nobody's but the test's
    }
  });

  test('of another platform than the base image are refused', async () => {
    expect(await failure({ Dockerfile: 'FROM busybox\n' }, '--platform', 'linux/s390x')).toMatch(
      /registry|platform/,
    );
  });

  test('copy with owner, mode, wildcards, links and directories as Docker does', async () => {
    const files = {
      Dockerfile: [
        'FROM busybox',
        'COPY --chown=nobody --chmod=640 x.txt /owned',
        'COPY *.txt /texts/',
        'COPY d /flat',
        'COPY d/e/ /deeper/name/',
        'WORKDIR /w\nCOPY x.txt .\nCOPY x.txt ./new.txt',
        'RUN mkdir /real && ln -s /real /link\nCOPY x.txt /link/',
        'CMD stat -c "%U:%G %a" /owned; find /texts /flat /deeper /w /real -type f | sort',
      ].join('\n'),
      ...{ 'x.txt': 'x', 'y.txt': 'y', 'd/1': '1', 'd/e/2': '2' },
    };

    expect(await builtAndRun(files)).toBe(
      [
        ...['nobody:nobody 640', '/deeper/name/2', '/flat/1', '/flat/e/2'],
        ...['/real/x.txt', '/texts/x.txt', '/texts/y.txt', '/w/new.txt', '/w/x.txt'],
      ].join('\n'),
    );
  });

  test('add unpacks archives', async () => {
    const directory = await contextOf({ Dockerfile: 'FROM busybox\nADD a.tgz /to/\nCMD cat /to/dir/in' });
    const tar = Buffer.concat([tarFile({ type: 'file', name: 'dir/in' }, Buffer.from('unpacked')), tarEnd]);
    await writeFile(join(directory, 'a.tgz'), gzipSync(tar));

    await output('build', '-t', 'added', directory);

    expect(await output('run', '--rm', 'added')).toBe('unpacked');
  });
});

describe('errors', () => {
  test.each([
    ['FROM busybox\n\nFOO x', 'dockerfile parse error on line 3: unknown instruction: FOO'],
    ['RUN x', 'no build stage in current context'],
    [
      'FROM busybox\nCOPY nosuch /',
      'COPY failed: file not found in build context or excluded by .dockerignore: stat nosuch: file does not exist',
    ],
    ['FROM busybox\nCOPY *.none /', 'COPY failed: no source files were specified'],
    [
      'FROM busybox\nCOPY a b /c',
      'When using COPY with more than one source file, the destination must be a directory and end with a /',
    ],
    ['FROM busybox\nENV a', 'ENV must have two arguments'],
    ['FROM busybox\nCOPY a', 'COPY requires at least two arguments, but only one was provided.'],
    ['FROM busybox\nRUN --security=insecure true', 'RUN --security=insecure is not supported'],
    ['FROM busybox\nUSER ${A', "missing '}'"],
  ])('%j', async (dockerfile, message) => {
    expect(await failure({ Dockerfile: dockerfile, a: '', b: '' })).toContain(message);
  });

  test('--squash is refused by name', async () => {
    const { status, body } = await lab.request('POST', '/build?squash=1');

    expect([status, body]).toEqual([501, { message: expect.stringContaining('squash') }]);
  });
});

test('ends its command and leaves nothing when the client goes away', async () => {
  const directory = await contextOf({ Dockerfile: 'FROM busybox\nRUN sleep 1000\n' });
  const client = spawn(clients[0] ?? 'docker', ['build', directory], { env: lab.env, stdio: 'ignore' });
  const running = async () => (await output('ps', '-q')).trim();
  await waitUntil(async () => ((await running()) !== '' ? true : undefined), {
    what: 'the step',
    timeoutMs: 30_000,
  });

  client.kill('SIGKILL');

  await waitUntil(async () => ((await output('ps', '-aq')) === '' ? true : undefined), {
    ...{ what: 'the end of the step', timeoutMs: 30_000 },
  });
});

test.each(['SIGKILL', 'SIGTERM'] as const)('leaves nothing when the agent ends by %s', async (signal) => {
  const directory = await contextOf({ Dockerfile: 'FROM busybox\nRUN sleep 1000\n' });
  const client = spawn(clients[0] ?? 'docker', ['build', directory], { env: lab.env, stdio: 'ignore' });
  await waitUntil(async () => ((await output('ps', '-q')).trim() !== '' ? true : undefined), {
    ...{ what: 'the step', timeoutMs: 30_000 },
  });
  const gone = once(client, 'exit');

  await lab.endAgent(signal);
  await lab.startAgent();
  await gone;

  expect(await output('ps', '-aq')).toBe('');
});

describe('the context', () => {
  function archive(files: Readonly<Record<string, string>>): Buffer {
    const entries = Object.entries(files).map(([name, content]) =>
      tarFile({ type: 'file', name, mode: 0o644 }, Buffer.from(content)),
    );
    return Buffer.concat([...entries, tarEnd]);
  }

  async function post(query: string, body?: Buffer): Promise<string> {
    const answer = (await lab.request('POST', `/build?${query}`, body)).body;
    return typeof answer === 'string' ? answer : JSON.stringify(answer);
  }

  test.each([
    ['plain', (tar: Buffer) => tar],
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
    ['xz', (tar: Buffer) => execFileSync('xz', ['--stdout'], { input: tar })],
  ])('may be a tar, %s, with the Dockerfile anywhere in it', async (_, compress) => {
    const tar = archive({ 'sub/File': 'FROM busybox\nCOPY a /\nRUN cat /a\n', a: 'content' });

    expect(await post('dockerfile=sub/File', compress(tar))).toContain('Step 3/3 : RUN cat /a');
  });

  test('has no Dockerfile that .dockerignore names', async () => {
    const files = {
      '.dockerignore': 'Dockerfile\n.dockerignore',
      Dockerfile: 'FROM busybox\nCOPY . /c\nRUN ls -A /c\n',
    };

    const out = await post('nocache=1', archive({ ...files, kept: '' }));

    expect(out).toContain('kept');
    expect(out).not.toContain('.dockerignore');
  });

  test.each([
    ['no tar', Buffer.from('x'.repeat(2000)), 400],
    ['a tar without a Dockerfile', archive({ a: '' }), 400],
    ['a Dockerfile that is a directory', tarFile({ type: 'directory', name: 'Dockerfile/' }), 400],
    ['a way out', archive({ '../../evil': 'x' }), 400],
  ])('is refused when it is %s', async (_, body, status) => {
    expect(await lab.request('POST', '/build', body)).toMatchObject({ status });
  });

  test('may be a URL: of a Dockerfile, of a tar; and ADD takes one', async () => {
    const root = await contextOf({ Dockerfile: 'FROM busybox\nRUN echo plain\n' });
    const tar = archive({ Dockerfile: 'FROM busybox\nCOPY a /\nRUN cat /a\n', a: 'from a tar' });
    await writeFile(join(root, 'c.tar'), tar);
    const url = 'http://127.0.0.1:8088';
    await using _server = await lab.serving(
      ['busybox', 'httpd', '-f', '-p', '127.0.0.1:8088', '-h', root],
      ['curl', '-sf', `${url}/c.tar`, '-o', '/dev/null'],
    );
    const sum = createHash('sha256').update('FROM busybox\nRUN echo plain\n').digest('hex');
    const added = (check: string) =>
      archive({
        Dockerfile: `FROM busybox\nADD --checksum=sha256:${check} ${url}/Dockerfile /d/\nRUN stat -c "%a %n" /d/*`,
      });

    expect(await post(`remote=${encodeURIComponent(`${url}/Dockerfile`)}`)).toContain('Successfully built');
    expect(await post(`remote=${encodeURIComponent(`${url}/c.tar`)}`)).toContain('from a tar');
    expect(await post('nocache=1', added(sum))).toContain('600 /d/Dockerfile');
    expect(await post('', added('0'.repeat(64)))).toContain('digest mismatch');
    expect(await post(`remote=${encodeURIComponent(`${url}/nosuch`)}`)).toContain('404');
  });

  test('may be a repository of git, at a branch and in a directory', async () => {
    const repository = await contextOf({
      'sub/Dockerfile': 'FROM busybox\nCOPY . /c\nRUN ls -A /c\n',
      'sub/one': '',
    });
    const git = (...args: string[]) =>
      execFileSync('git', ['-C', repository, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args]);
    git('init', '-q', '-b', 'side');
    git('add', '.');
    git('commit', '-qm', 'x');
    const base = dirname(repository);
    const url = 'git://127.0.0.1:9418';
    // Not by "git daemon", which would leave this program behind when it is ended.
    const daemon = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-daemon');
    await using _daemon = await lab.serving(
      [daemon, '--export-all', '--listen=127.0.0.1', `--base-path=${base}`, base],
      ['git', 'ls-remote', `${url}/${basename(repository)}`],
    );

    const remote = `${url}/${basename(repository)}#side:sub`;
    expect(await post(`nocache=1&remote=${encodeURIComponent(remote)}`)).toContain('one');
    const Dockerfile = `FROM busybox\nADD --keep-git-dir=true ${remote} /r\nADD ${remote} /s/\nRUN ls -A /r /s\n`;
    expect(await post('nocache=1', archive({ Dockerfile }))).toMatch(/Dockerfile\\none\\n/);
    expect(await post(`remote=${encodeURIComponent(`${url}/nosuch`)}`)).toContain(
      'unable to download remote context',
    );
  });
});

test('leaves nothing but images and cache', async () => {
  expect(await output('ps', '-aq')).toBe('');
  expect((await lab.mounts()).filter((path) => path.includes('/merged'))).toEqual([]);
  const tmp = join(lab.directory, 'data/build/tmp');
  expect(existsSync(tmp) ? await readdir(tmp) : []).toEqual([]);
  await rm(tmp, { recursive: true, force: true });
});
