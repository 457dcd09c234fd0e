import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { exitOf, start } from '../../../src/shared/spawn.js';
import { waitUntil } from '../../../src/shared/wait-until.js';
import { rawCommand, type ShellCommand } from '../../../src/ssh/command.js';
import { sshConnectionLost } from '../../../src/ssh/errors.js';
import type { RunOptions, SshCommandResult, SshConnection } from '../../../src/ssh/transport.js';

/**
 * A host without SSH: this machine's files below an overlay, in mount and PID namespaces of their own. Commands
 * are real and run as root; what they write and start is gone after disposal.
 */
export interface LocalHost extends AsyncDisposable {
  /** Each is a login of its own; `limits` cut it short. */
  connect(limits?: Limits): SshConnection & { readonly commands: readonly string[] };
  /** Output of a shell command; throws when it fails. */
  exec(command: string): Promise<string>;
}

/** The connection breaks at the command with this number, from 0. */
export interface Limits {
  readonly breakAt: number;
  /** Half of the input arrives, or all is done and only the answer is lost. */
  readonly after: 'half of the input' | 'the work';
}

const boot = `
set -e
mount --make-rprivate /
mount -t tmpfs -o size=256m,mode=755 tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount -t tmpfs -o size=128m tmpfs opt
mount --rbind /dev dev
mount -t proc proc proc
rm -rf etc/tsmachine var/lib/tsmachine var/log/tsmachine-agent.log etc/local.d
exec chroot . sh -c 'touch /run/booted; while :; do sleep 3600; done'
`;

export async function startLocalHost(): Promise<LocalHost> {
  const directory = await mkdtemp(join(tmpdir(), 'tsmachine-host-'));
  const argv = ['unshare', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', boot, 'boot', directory];
  const child = start(argv, { stdio: ['ignore', 'ignore', 'inherit'] });
  const exited = exitOf(child, argv);
  const init = await waitUntil(() => childOf(child.pid ?? 0), {
    what: 'the namespaces',
    timeoutMs: 30_000,
    intervalMs: 5,
  });
  const run = (command: string, input?: RunOptions['input']) =>
    enter(init, command, input === undefined ? undefined : input);
  await waitUntil(async () => (await run('[ -e /run/booted ]')).code === 0 || undefined, {
    what: 'the host',
    timeoutMs: 30_000,
    intervalMs: 10,
  });
  return {
    connect: (limits) => connection(run, limits),
    async exec(command) {
      const { stdout, stderr, code } = await run(command);
      if (code !== 0) throw new Error(`${command}: ${stderr || `exit ${code}`}`);
      return stdout.trimEnd();
    },
    async [Symbol.asyncDispose]() {
      process.kill(init, 'SIGKILL'); // the first process of the namespace takes all others with it
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

type Run = (command: string, input?: RunOptions['input']) => Promise<SshCommandResult>;

function connection(run: Run, limits?: Limits): SshConnection & { readonly commands: string[] } {
  const commands: string[] = [];
  const lost = () => sshConnectionLost({ host: 'local', port: 22, user: 'root', identityFiles: [] });
  return {
    commands,
    async run(command: ShellCommand, { input }: RunOptions = {}) {
      const number = commands.push(command) - 1;
      if (limits === undefined || number < limits.breakAt) return run(command, input);
      if (number > limits.breakAt) throw lost();
      await run(rawCommand(command), limits.after === 'the work' ? input : await half(input));
      throw lost();
    },
    open: () => Promise.reject(new Error('not needed here')),
    dial: () => Promise.reject(new Error('not needed here')),
    lost: new AbortController().signal,
    [Symbol.asyncDispose]: async () => {},
  };
}

async function half(input: RunOptions['input']): Promise<Uint8Array> {
  const all = input instanceof Readable ? Buffer.concat(await input.toArray()) : Buffer.from(input ?? '');
  return all.subarray(0, Math.floor(all.length / 2));
}

async function enter(init: number, command: string, input: RunOptions['input']): Promise<SshCommandResult> {
  const argv = ['nsenter', '-t', String(init), '--mount', '--pid', '--root', '--wd', 'sh', '-c', command];
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' };
  const child = start(argv, { stdio: ['pipe', 'pipe', 'pipe'], env });
  const output = [child.stdout, child.stderr].map(async (stream) =>
    stream ? Buffer.concat(await stream.toArray()).toString() : '',
  );
  const source = input instanceof Readable ? input : Readable.from([Buffer.from(input ?? '')]);
  if (child.stdin) pipeline(source, child.stdin).catch(() => {}); // a command need not read its input
  const code = await exitOf(child, argv);
  const [stdout = '', stderr = ''] = await Promise.all(output);
  return { stdout, stderr, code: code ?? 255 };
}

async function childOf(pid: number): Promise<number | undefined> {
  const { readFile } = await import('node:fs/promises');
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return Number(children.split(' ')[0]) || undefined;
}
