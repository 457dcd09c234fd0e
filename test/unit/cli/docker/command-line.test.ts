import { normalizeArgv } from '../../../../src/cli/argv.js';
import { execFlags } from '../../../../src/cli/docker/exec-flags.js';
import { splitWords } from '../../../../src/cli/docker/own-words.js';
import { runFlags } from '../../../../src/cli/docker/run-flags.js';
import { runRequest } from '../../../../src/cli/docker/run-request.js';

const around = {
  ...{ environment: { LANG: 'C' }, directory: '/home/me', terminal: { columns: 80, rows: 24 } },
  detachKeys: Buffer.from('dq'),
};

describe('normalizeArgv()', () => {
  const find = (id: string) =>
    ['run', 'container:run'].includes(id) ? { flags: runFlags, passThrough: true } : undefined;

  it.each([
    ['run -it img ls --help', 'run -it -- img ls --help'],
    ['container run -e A=1 img -h', 'container run -e A=1 -- img -h'],
    ['--debug container run img', 'container run --debug -- img'],
    ['run --help', 'run --help'],
    ['run -h web img', 'run -h web -- img'],
  ])('parts "%s" from what belongs to the container', (line, expected) => {
    expect(normalizeArgv(line.split(' '), find)).toEqual(expected.split(' '));
  });
});

describe('splitWords()', () => {
  it.each([
    ['alpine', [], ['alpine']],
    ['-it --rm alpine sh -c x --rm', ['-it', '--rm'], ['alpine', 'sh', '-c', 'x', '--rm']],
    ['-e A=1 -eB=2 --env C alpine -e', ['-e', 'A=1', '-eB=2', '--env', 'C'], ['alpine', '-e']],
    ['-itp 80:80 alpine', ['-itp', '80:80'], ['alpine']],
    ['--name=x -m 1g img', ['--name=x', '-m', '1g'], ['img']],
    ['--pids-limit -1 img', ['--pids-limit', '-1'], ['img']],
    ['-i -- img -- a', ['-i'], ['img', '--', 'a']],
    [
      '--rm=false -i=true --tty=1 --sig-proxy=false img',
      ['--interactive', '--tty', '--no-sig-proxy'],
      ['img'],
    ],
    ['--name=true img', ['--name=true'], ['img']],
    ['img a b a', [], ['img', 'a', 'b', 'a']],
    ['-d', ['-d'], []],
    ['-e', ['-e'], []],
  ])('cuts "%s"', (line, flags, words) => {
    expect(splitWords(line.split(' '), runFlags)).toEqual({ flags, words });
  });

  it('knows the flags of exec', () => {
    const { flags, words } = splitWords(['-u', '0', '-w', '/', 'web', 'id', '-u'], execFlags);

    expect([flags, words]).toEqual([
      ['-u', '0', '-w', '/'],
      ['web', 'id', '-u'],
    ]);
  });
});

describe('runRequest()', () => {
  it('sends the least for an image alone', async () => {
    const { body, pull, detach, sigProxy } = await runRequest({}, ['alpine'], around);

    expect({ pull, detach, sigProxy }).toEqual({ pull: 'missing', detach: false, sigProxy: true });
    expect(body).toMatchObject({
      Image: 'alpine',
      Tty: false,
      OpenStdin: false,
      AttachStdin: false,
      AttachStdout: true,
      AttachStderr: true,
      HostConfig: { NetworkMode: 'default', AutoRemove: false },
    });
    expect(Object.keys(body)).not.toContain('Cmd');
    expect(Object.keys(body)).not.toContain('Entrypoint');
    expect(Object.keys(body.HostConfig)).not.toContain('Memory');
  });

  it('closes stdin with the first client only when it is attached', async () => {
    const attached = await runRequest({ interactive: true }, ['alpine'], around);
    const detached = await runRequest({ interactive: true, detach: true }, ['alpine'], around);

    expect(attached.body).toMatchObject({ OpenStdin: true, StdinOnce: true, AttachStdin: true });
    expect(detached.body).toMatchObject({
      OpenStdin: true,
      StdinOnce: false,
      AttachStdin: false,
      AttachStdout: false,
    });
  });

  it('translates every limit and name', async () => {
    const { body, name } = await runRequest(
      {
        ...{ name: 'web', memory: '64m', cpus: '0.5', 'pids-limit': '50', network: ['none'], hostname: 'h' },
        ...{ user: '1:2', workdir: '/w', entrypoint: '', 'stop-signal': 'SIGINT', tty: true, init: true },
        ...{ 'cap-add': ['NET_ADMIN'], 'cap-drop': ['ALL'], privileged: true, 'read-only': true },
        ...{
          label: ['a=b'],
          env: ['X=1', 'LANG'],
          publish: ['80'],
          tmpfs: ['/t'],
          volume: ['v:/v', '/anon'],
        },
        ...{ ulimit: ['nofile=9'], 'add-host': ['a:1.1.1.1'], dns: ['1.1.1.1'], rm: true },
      },
      ['alpine', 'ls', '-l'],
      around,
    );

    expect(name).toBe('web');
    expect(body).toMatchObject({
      ...{ Cmd: ['ls', '-l'], Entrypoint: [''], Env: ['X=1', 'LANG=C'], User: '1:2', WorkingDir: '/w' },
      ...{ Hostname: 'h', StopSignal: 'SIGINT', Labels: { a: 'b' }, Volumes: { '/anon': {} }, Tty: true },
      ExposedPorts: { '80/tcp': {} },
    });
    expect(body.HostConfig).toMatchObject({
      ...{ Memory: 67_108_864, NanoCpus: 500_000_000, PidsLimit: 50, NetworkMode: 'none', AutoRemove: true },
      ...{ CapAdd: ['NET_ADMIN'], CapDrop: ['ALL'], Privileged: true, ReadonlyRootfs: true, Init: true },
      ...{ Binds: ['v:/v'], Tmpfs: { '/t': '' }, ExtraHosts: ['a:1.1.1.1'], Dns: ['1.1.1.1'] },
      ...{ Ulimits: [{ Name: 'nofile', Soft: 9, Hard: 9 }], ConsoleSize: [24, 80] },
    });
  });

  it.each([
    [{}, [], 'the image is missing'],
    [{ memory: 'much' }, ['a'], 'invalid value "much" for --memory'],
    [{ publish: ['x'] }, ['a'], 'invalid value "x" for --publish'],
  ])('refuses %j %j', async (flags, words, message) => {
    await expect(runRequest(flags, words, around)).rejects.toThrow(message);
  });
});
