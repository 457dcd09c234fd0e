import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemErrorCode } from '../../src/shared/errors.js';
import { exitOf, runOrThrow, start } from '../../src/shared/spawn.js';
import { waitUntil } from '../../src/shared/wait-until.js';
import type { SshEndpoint } from '../../src/ssh/transport.js';

export interface SshdOptions {
  /** Lines for sshd_config. */
  readonly config?: readonly string[];
  /** Types of host keys; default ed25519 alone. */
  readonly hostKeyTypes?: readonly string[];
}

export interface Sshd extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  /** For root on loopback with the key that is authorized. */
  readonly endpoint: SshEndpoint;
  readonly identityFile: string;
  /** "ssh-ed25519 AAAA…" without a comment. */
  readonly hostKey: string;
  readonly directory: string;
  /** Process ids of the connections that are open now. */
  connections(): Promise<readonly number[]>;
  /** Everything sshd wrote. */
  log(): string;
}

/** A real OpenSSH server on loopback with keys of its own; ended and removed by disposal. Needs root. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const directory = await mkdtemp(join(tmpdir(), 'tsmachine-sshd-'));
  const types = options.hostKeyTypes ?? ['ed25519'];
  await mkdir('/run/sshd', { recursive: true });
  await Promise.all([...types, 'user'].map((type) => generateKey(directory, type)));
  await writeFile(join(directory, 'authorized_keys'), await readFile(join(directory, 'user.pub')));
  const port = await freePort();
  await writeFile(
    join(directory, 'sshd_config'),
    configuration(directory, port, types, options.config ?? []),
  );

  const argv = ['/usr/sbin/sshd', '-D', '-e', '-f', join(directory, 'sshd_config')];
  const child = start(argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = exitOf(child, argv);
  let log = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  await waitUntil(async () => log.includes('Server listening') || undefined, {
    what: 'sshd',
    timeoutMs: 30_000,
    intervalMs: 10,
    lastSeen: () => log,
  });
  const pid = child.pid ?? 0;
  const identityFile = join(directory, 'user');
  const hostKey = await readFile(join(directory, `${types[0]}.pub`), 'utf8');
  return {
    port,
    pid,
    identityFile,
    directory,
    hostKey: hostKey.split(' ').slice(0, 2).join(' '),
    endpoint: { host: '127.0.0.1', port, user: 'root', identityFiles: [identityFile] },
    connections: () => childrenOf(pid),
    log: () => log,
    async [Symbol.asyncDispose]() {
      for (const connection of await childrenOf(pid)) endProcess(connection, 'SIGTERM');
      child.kill('SIGTERM');
      await exited;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Signals a process that may just have ended by itself. */
export function endProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemErrorCode(error) !== 'ESRCH') throw error;
  }
}

async function generateKey(directory: string, name: string): Promise<void> {
  const type = name === 'user' ? 'ed25519' : name;
  await runOrThrow(['ssh-keygen', '-q', '-t', type, '-N', '', '-C', name, '-f', join(directory, name)]);
}

function configuration(
  directory: string,
  port: number,
  types: readonly string[],
  more: readonly string[],
): string {
  return [
    ...more, // the first value of an option counts
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...types.map((type) => `HostKey ${join(directory, type)}`),
    `AuthorizedKeysFile ${join(directory, 'authorized_keys')}`,
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'StrictModes no',
    'UsePAM no',
    'PidFile none',
    'MaxStartups 100',
    // bash reads ~/.bashrc only in the outermost shell of a login, and what is in this machine's may take its time.
    'SetEnv SHLVL=1',
    '',
  ].join('\n');
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}
