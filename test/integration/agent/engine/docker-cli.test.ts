import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { dockerClients } from '../../../support/tsmachine.js';
import { AgentLab } from './support/agent-lab.js';

/** A new client and the one of Debian 12; where only one is installed, it is judged alone. */
const clients = (await dockerClients()).map(({ path }) => path);

let lab: AgentLab;

beforeAll(async () => {
  lab = await AgentLab.start();
});
afterAll(async () => lab[Symbol.asyncDispose]());

describe.each(clients)('%s', (client) => {
  const docker = (args: readonly string[], input: string | Buffer = '') =>
    lab.docker(args, { client, input });

  async function output(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await docker(args);
    if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  describe('run', () => {
    test.each([
      ['the exit code of the command', ['sh', '-c', 'exit 7'], 7],
      ['127 for a command that is not there', ['nosuch'], 127],
      ['126 for a command that is none', ['/etc'], 126],
    ])('exits with %s', async (_, command, code) => {
      expect((await docker(['run', '--rm', 'busybox', ...command])).code).toBe(code);
    });

    test('exits with 125 for what the engine refuses, and leaves nothing', async () => {
      const { code, stderr } = await docker(['run', '--rm', '--memory', '1m', 'busybox', 'true']);

      expect(code).toBe(125);
      expect(stderr).toContain('Minimum memory limit allowed is 6MB');
      expect(await output('ps', '-aq')).toBe('');
    });

    test('keeps stdout and stderr apart', async () => {
      const { stdout, stderr } = await docker([
        'run',
        '--rm',
        'busybox',
        'sh',
        '-c',
        'echo out; echo err >&2',
      ]);

      expect([stdout, stderr]).toEqual(['out\n', 'err\n']);
    });

    test('carries 20 MB through cat intact', async () => {
      const input = randomBytes(20 * 1024 * 1024);

      const { stdout } = await docker(['run', '--rm', '-i', 'busybox', 'cat'], input);

      expect(digest(Buffer.from(stdout, 'latin1'))).toBe(digest(input));
    });

    test('delivers every byte of a short command, many times over', async () => {
      const runs = await Promise.all(
        Array.from({ length: 6 }, (_, index) =>
          docker(['run', '--rm', 'busybox', 'echo', `number ${index}`]),
        ),
      );

      expect(runs.map(({ stdout }) => stdout)).toEqual(runs.map((_, index) => `number ${index}\n`));
    });

    test('mounts a file, also read-only', async () => {
      const path = join(lab.directory, 'mounted');
      await writeFile(path, 'content');

      expect(await output('run', '--rm', '-v', `${path}:/m:ro`, 'busybox', 'cat', '/m')).toBe('content');
      expect((await docker(['run', '--rm', '-v', `${path}:/m:ro`, 'busybox', 'touch', '/m'])).code).toBe(1);
    });

    test('gives a terminal', async () => {
      expect(await output('run', '--rm', '-t', 'busybox', 'tty')).toBe('/dev/pts/0');
    });

    test('sets environment, directory, user, host name and hosts', async () => {
      const text = await output(
        ...['run', '--rm', '-e', 'A=b', '-w', '/tmp', '-u', 'nobody', '--hostname', 'hh'],
        ...['--add-host', 'db:1.2.3.4', '--dns', '9.9.9.9', 'busybox'],
        ...['sh', '-c', 'echo $A $PWD $(id -u) $(hostname); cat /etc/hosts /etc/resolv.conf'],
      );

      expect(text).toMatch(/^b \/tmp 65534 hh\n/);
      expect(text).toContain('1.2.3.4\tdb');
      expect(text).toContain('nameserver 9.9.9.9');
    });

    test.each([
      ['none', /^1: lo:[^\n]*$/],
      ['host', /tsm0/],
      ['bridge', /eth0/],
    ])('--network %s has its interfaces', async (network, interfaces) => {
      expect(await output('run', '--rm', '--network', network, 'busybox', 'ip', '-o', 'link')).toMatch(
        interfaces,
      );
    });

    test('limits memory, processes, files and the root', async () => {
      const text = await output(
        ...[
          'run',
          '--rm',
          '--memory',
          '64m',
          '--pids-limit',
          '50',
          '--ulimit',
          'nofile=100:200',
          '--read-only',
        ],
        ...['--tmpfs', '/t:size=1m', '--shm-size', '8m', '--init', 'busybox', 'sh', '-c'],
        'ulimit -n; touch /x; touch /t/x && echo writable; cat /proc/1/comm; df /dev/shm | tail -1',
      );

      expect(text).toMatch(/^100\nwritable\ndocker-init\nshm +8192 /);
    });

    test('says that a network does not exist', async () => {
      const { code, stderr } = await docker(['run', '--rm', '--network', 'lan', 'busybox', 'true']);

      expect([code, stderr]).toEqual([125, expect.stringContaining('network lan not found')]);
    });
  });

  test('a name that is taken is a conflict with the ID of its holder', async () => {
    const id = await output('run', '-d', '--name', 'holder', 'busybox', 'sleep', '60');

    const { stderr } = await docker(['run', '--name', 'holder', 'busybox', 'true']);

    expect(stderr).toContain(`The container name "/holder" is already in use by container "${id}"`);
    await output('rm', '-f', 'holder');
  });

  test('exec runs in the container, with its exit codes', async () => {
    await output('run', '-d', '--name', 'execs', 'busybox', 'sleep', '60');

    expect((await docker(['exec', '-i', 'execs', 'cat'], 'piped')).stdout).toBe('piped');
    expect((await docker(['exec', 'execs', 'sh', '-c', 'exit 9'])).code).toBe(9);
    expect((await docker(['exec', 'execs', 'nosuch'])).code).toBe(127);
    expect(await output('exec', '-u', 'nobody', '-e', 'X=1', 'execs', 'sh', '-c', 'echo $X $(id -u)')).toBe(
      '1 65534',
    );
    await output('rm', '-f', 'execs');
  });

  test('logs follow to the end, and show tail and time', async () => {
    await output(
      'run',
      '-d',
      '--name',
      'logs',
      'busybox',
      'sh',
      '-c',
      'for i in 1 2 3; do echo $i; sleep 0.1; done',
    );

    expect(await output('logs', '-f', 'logs')).toBe('1\n2\n3');
    expect(await output('logs', '--tail', '1', '-t', 'logs')).toMatch(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z 3$/);
    await output('rm', 'logs');
  });

  test('stop, start, pause, restart, rename, kill and remove go through the states', async () => {
    await output('run', '-d', '--name', 'life', 'busybox', 'sleep', '60');
    const state = () => output('inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', 'life');

    await output('stop', '-t', '0', 'life');
    expect(await state()).toBe('exited 137');
    await output('start', 'life');
    await output('pause', 'life');
    expect(await state()).toBe('paused 0');
    expect((await docker(['exec', 'life', 'true'])).stderr).toContain('unpause the container before exec');
    await output('unpause', 'life');
    await output('restart', '-t', '0', 'life');
    expect(await state()).toBe('running 0');
    expect((await docker(['kill', '-s', 'FOO', 'life'])).stderr).toContain('invalid signal: FOO');
    expect((await docker(['rm', 'life'])).stderr).toContain(
      'cannot remove container "/life": container is running: stop the container before removing or force remove',
    );
    await output('rename', 'life', 'after');
    await output('kill', 'after');
    expect(await output('wait', 'after')).toBe('137');
    await output('rm', 'after');
    expect((await docker(['inspect', 'after'])).code).toBe(1);
  });

  /** The server may not listen yet. */
  const patiently = [
    '-s',
    '--retry',
    '99',
    '--retry-delay',
    '1',
    '--retry-connrefused',
    '--retry-max-time',
    '25',
  ];

  test('published ports are reached, and conflicts are told in the words of Docker', async () => {
    await output(
      'run',
      '-d',
      '--name',
      'web',
      '-p',
      '8080:80',
      'busybox',
      'httpd',
      '-f',
      '-p',
      '80',
      '-h',
      '/etc',
    );

    expect(await lab.inside('curl', ...patiently, 'http://127.0.0.1:8080/passwd')).toContain('root:x:0:0');
    expect(await output('port', 'web')).toContain('80/tcp -> 0.0.0.0:8080');
    const { code, stderr } = await docker(['run', '--name', 'late', '-p', '8080:80', 'busybox', 'true']);
    expect([code, stderr]).toEqual([
      125,
      expect.stringMatching(/Bind for .*:8080 failed: port is already allocated/),
    ]);
    expect(await output('inspect', '-f', '{{.State.Status}}', 'late')).toBe('created');
    await output('rm', '-f', 'web', 'late');
  });

  test('volumes and binds keep what is written; a missing source is made or refused', async () => {
    const missing = join(lab.directory, `missing-${randomBytes(3).toString('hex')}`);
    await output('run', '--rm', '-v', 'data:/data', 'busybox', 'sh', '-c', 'echo kept > /data/file');

    expect(await output('run', '--rm', '-v', 'data:/data:ro', 'busybox', 'cat', '/data/file')).toBe('kept');
    await output('volume', 'rm', 'data');
    await output('run', '--rm', '-v', `${missing}:/in`, 'busybox', 'touch', '/in/made');
    expect(existsSync(join(missing, 'made'))).toBe(true);
    const refused = await docker(['run', '--mount', `type=bind,src=${missing}-2,dst=/in`, 'busybox', 'true']);
    expect(refused.stderr).toContain(`bind source path does not exist: ${missing}-2`);
  });

  test('--volumes-from shares what another container has mounted', async () => {
    await output(
      'run',
      '--name',
      'owner',
      '-v',
      '/shared',
      'busybox',
      'sh',
      '-c',
      'echo from-owner > /shared/file',
    );

    expect(await output('run', '--rm', '--volumes-from', 'owner:ro', 'busybox', 'cat', '/shared/file')).toBe(
      'from-owner',
    );
    expect((await docker(['run', '--rm', '--volumes-from', 'nobody', 'busybox', 'true'])).code).toBe(125);
    await output('rm', '-v', 'owner');
  });

  test('anonymous volumes go with --rm', async () => {
    await output('run', '--rm', '-v', '/anonymous', 'busybox', 'true');

    expect(await output('volume', 'ls', '-q')).toBe('');
  });

  test('on-failure restarts as often as it may', async () => {
    await output(
      'run',
      '-d',
      '--name',
      'again',
      '--restart',
      'on-failure:2',
      'busybox',
      'sh',
      '-c',
      'exit 3',
    );

    const state = () => output('inspect', '-f', '{{.RestartCount}} {{.State.Status}}', 'again');
    const isDone = async () => (await state()) === '2 exited' || undefined;
    await waitUntil(isDone, { what: 'the last restart', timeoutMs: 30_000, intervalMs: 50 });
    expect(await output('wait', 'again')).toBe('3');
    await output('rm', 'again');
  });

  test('ps shows and filters', async () => {
    await output('run', '-d', '--name', 'shown', '--label', 'tier=front', 'busybox', 'sleep', '60');

    expect(await output('ps', '--format', '{{.Names}} {{.Image}} {{.Command}}')).toBe(
      'shown busybox "sleep 60"',
    );
    expect(await output('ps', '-q', '--filter', 'label=tier=back')).toBe('');
    expect(await output('ps', '--filter', 'name=^/sho', '--format', '{{.Status}}')).toMatch(/^Up /);
    expect((await docker(['ps', '--filter', 'foo=bar'])).stderr).toContain("invalid filter 'foo'");
    await output('rm', '-f', 'shown');
  });

  test('images are tagged, listed, inspected and removed; import makes one', async () => {
    await output('tag', 'busybox', 'local/copy:1');
    expect(await output('images', '-q', 'local/copy')).toBe(await output('images', '-q', 'busybox'));
    expect(await output('rmi', 'local/copy:1')).toContain('Untagged: local/copy:1');
    expect((await docker(['rmi', 'local/copy:1'])).stderr).toContain('No such image: local/copy:1');
    await writeFile(join(lab.directory, 'empty.tar'), Buffer.alloc(1024));
    expect(await output('import', join(lab.directory, 'empty.tar'), 'empty:1')).toMatch(
      /^sha256:[0-9a-f]{64}$/,
    );
    await output('rmi', 'empty:1');
  });

  test('what this engine lacks is refused by name', async () => {
    expect((await docker(['network', 'create', '-d', 'overlay', 'lan'])).stderr).toContain(
      'network driver overlay is not supported by this engine',
    );
    expect((await docker(['run', '--isolation', 'hyperv', 'busybox', 'true'])).stderr).toContain(
      'Isolation is not supported by this engine',
    );
  });

  test('version and info are printed', async () => {
    expect(await output('version', '-f', '{{.Server.APIVersion}}')).toBe('1.47');
    expect(await output('info', '-f', '{{.Driver}} {{.OSType}}')).toBe('overlay2 linux');
  });
});

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
