import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { runOrThrow } from '../../../src/shared/spawn.js';
import { rawCommand, sh } from '../../../src/ssh/command.js';
import { PinnedHostKey } from '../../../src/ssh/host-keys.js';
import { generateKeyPair } from '../../../src/ssh/key-pair.js';
import { Ssh2Transport } from '../../../src/ssh/ssh2-transport.js';
import type { HostKeyVerifier, SshEndpoint } from '../../../src/ssh/transport.js';
import { endProcess, freePort, type Sshd, startSshd } from '../../support/sshd.js';

const trusting = () => new PinnedHostKey(undefined, async () => {});
const noIdentities = () => ({ home: '/nonexistent', agent: undefined });

function connect(endpoint: SshEndpoint, hostKeys: HostKeyVerifier = trusting(), jumpHostKeys = trusting()) {
  const transport = new Ssh2Transport({ jumpHostKeys, identities: noIdentities });
  return transport.connect(endpoint, { hostKeys, timeoutMs: 30_000 });
}

describe('Ssh2Transport', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(async () => {
    await sshd[Symbol.asyncDispose]();
  });

  describe('run()', () => {
    it('gives output, errors and exit code apart', async () => {
      await using connection = await connect(sshd.endpoint);

      const result = await connection.run(sh`printf ${"it's"}; echo no >&2; exit 3`);

      expect(result).toEqual({ stdout: "it's", stderr: 'no\n', code: 3 });
    });

    it('gives 128 + n for a signal', async () => {
      await using connection = await connect(sshd.endpoint);

      expect((await connection.run(sh`kill -TERM $$`)).code).toBe(143);
    });

    it('carries 20 MB of binary input intact', async () => {
      await using connection = await connect(sshd.endpoint);
      const content = randomBytes(20 * 2 ** 20);

      const { stdout } = await connection.run(sh`sha256sum`, { input: Readable.from(slices(content)) });

      expect(stdout).toContain(createHash('sha256').update(content).digest('hex'));
    });

    it('returns when the command does not read its input', async () => {
      await using connection = await connect(sshd.endpoint);

      const result = await connection.run(sh`exit 4`, { input: Readable.from(slices(randomBytes(2 ** 23))) });

      expect(result.code).toBe(4);
    });

    it('rejects with the error of the input', async () => {
      await using connection = await connect(sshd.endpoint);
      const broken = Readable.from(
        (function* () {
          yield 'some';
          throw new Error('disk failed');
        })(),
      );

      await expect(connection.run(sh`cat`, { input: broken })).rejects.toThrow('disk failed');
    });

    it('runs many commands at once, more than the server allows sessions', async () => {
      await using connection = await connect(sshd.endpoint);

      const all = Array.from({ length: 25 }, (_, index) => connection.run(sh`echo ${index}`));

      expect((await Promise.all(all)).map(({ stdout }) => Number(stdout))).toEqual(
        Array.from({ length: 25 }, (_, index) => index),
      );
    });

    it('throws SSH_COMMAND_TIMEOUT when the command takes too long', async () => {
      await using connection = await connect(sshd.endpoint);

      await expect(connection.run(sh`sleep 1.5`, { timeoutMs: 200 })).rejects.toMatchObject({
        code: 'SSH_COMMAND_TIMEOUT',
      });
    });

    it('rejects with the reason of the signal', async () => {
      await using connection = await connect(sshd.endpoint);
      const abort = new AbortController();
      const running = connection.run(sh`sleep 1.5`, { signal: abort.signal });

      setTimeout(() => abort.abort(new Error('enough')), 50);

      await expect(running).rejects.toThrow('enough');
    });

    it('throws SSH_CONNECTION_LOST when the connection is cut', async () => {
      await using own = await startSshd();
      await using connection = await connect(own.endpoint);
      const running = connection.run(sh`sleep 1.5`);
      const others = connection.run(sh`cat`, { input: new Readable({ read() {} }) });
      await expect(connection.run(sh`true`)).resolves.toMatchObject({ code: 0 });

      for (const pid of await own.connections()) endProcess(pid, 'SIGKILL');

      await expect(running).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
      await expect(others).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
      await expect(connection.run(sh`true`)).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
    });
  });

  describe('open()', () => {
    it('gives a terminal of the size asked for, and resizes it', async () => {
      await using connection = await connect(sshd.endpoint);
      const terminal = { columns: 91, rows: 31, term: 'xterm' };
      const session = await connection.open(rawCommand('stty size; read x; stty size; exit 7'), { terminal });
      const output = collect(session.stdout);
      await untilMatches(output, /31 91/);

      session.resize({ columns: 100, rows: 40 });
      session.stdin.write('\n');

      expect(await session.exited).toBe(7);
      expect(output.text).toMatch(/40 100/);
    });

    it('gives the login shell without a command', async () => {
      await using connection = await connect(sshd.endpoint);
      const session = await connection.open(undefined);
      const output = collect(session.stdout);

      session.stdin.end('echo from-$0\nexit 5\n');

      expect(await session.exited).toBe(5);
      expect(output.text).toContain('from-');
    });

    it('exits with 255 when the connection is cut', async () => {
      await using own = await startSshd();
      await using connection = await connect(own.endpoint);
      const session = await connection.open(sh`sleep 1.5`);

      for (const pid of await own.connections()) endProcess(pid, 'SIGKILL');

      expect(await session.exited).toBe(255);
    });
  });

  describe('connect()', () => {
    it('hands the key of a new host to onTrust, and stays with it', async () => {
      const seen: string[] = [];
      const hostKeys = new PinnedHostKey(undefined, async (key) => void seen.push(key));

      await (await connect(sshd.endpoint, hostKeys))[Symbol.asyncDispose]();
      await (await connect(sshd.endpoint, hostKeys))[Symbol.asyncDispose]();

      expect(seen).toEqual([sshd.hostKey]);
    });

    it('refuses a host whose key has changed, with both fingerprints', async () => {
      const other = await generateKeyPair('other');

      const connecting = connect(sshd.endpoint, new PinnedHostKey(other.publicKey, async () => {}));

      await expect(connecting).rejects.toMatchObject({
        code: 'SSH_HOST_KEY_CHANGED',
        message: expect.stringMatching(/expected SHA256:.*got SHA256:/),
      });
    });

    it('asks a server with several keys for the pinned one', async () => {
      await using own = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'] });
      for (const type of ['rsa', 'ecdsa', 'ed25519']) {
        const pinned = await readFile(join(own.directory, `${type}.pub`), 'utf8');

        await using connection = await connect(own.endpoint, new PinnedHostKey(pinned, async () => {}));

        expect((await connection.run(sh`echo ok`)).stdout).toBe('ok\n');
      }
    });

    it('refuses a host which has no key of the pinned type any more', async () => {
      await using own = await startSshd({ hostKeyTypes: ['rsa'] });

      const connecting = connect(own.endpoint, new PinnedHostKey(sshd.hostKey, async () => {}));

      await expect(connecting).rejects.toMatchObject({ code: 'SSH_HOST_KEY_CHANGED' });
    });

    it('refuses to go on when the key could not be stored', async () => {
      const hostKeys = new PinnedHostKey(undefined, async () => {
        throw new Error('disk full');
      });

      await expect(connect(sshd.endpoint, hostKeys)).rejects.toThrow('disk full');
    });

    it('throws SSH_AUTHENTICATION_FAILED naming user, host and keys', async () => {
      const path = join(sshd.directory, 'stranger');
      await writeFile(path, (await generateKeyPair('stranger')).privateKey, { mode: 0o600 });

      await expect(connect({ ...sshd.endpoint, identityFiles: [path] })).rejects.toMatchObject({
        code: 'SSH_AUTHENTICATION_FAILED',
        message: `"root" may not log in to "127.0.0.1:${sshd.port}": tried "${path}"`,
      });
    });

    it('tries the key files in order', async () => {
      const path = join(sshd.directory, 'first');
      await writeFile(path, (await generateKeyPair('first')).privateKey, { mode: 0o600 });

      await using connection = await connect({
        ...sshd.endpoint,
        identityFiles: [path, sshd.identityFile],
      });

      expect((await connection.run(sh`id -u`)).stdout).toBe('0\n');
    });

    it('says that a key is protected by a passphrase when there is no agent', async () => {
      const path = join(sshd.directory, 'protected');
      await runOrThrow(['ssh-keygen', '-q', '-t', 'ed25519', '-N', 'secret', '-f', path]);

      await expect(connect({ ...sshd.endpoint, identityFiles: [path] })).rejects.toMatchObject({
        code: 'SSH_AUTHENTICATION_FAILED',
        message: expect.stringContaining(`"${path}" is protected by a passphrase`),
      });
    });

    it('logs in through ssh-agent', async () => {
      const agent = join(sshd.directory, 'agent');
      const { stdout } = await runOrThrow(['ssh-agent', '-a', agent]);
      const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1]);
      try {
        await runOrThrow(['ssh-add', '-q', sshd.identityFile], {
          env: { ...process.env, SSH_AUTH_SOCK: agent },
        });
        const transport = new Ssh2Transport({
          jumpHostKeys: trusting(),
          identities: () => ({ home: '/nonexistent', agent }),
        });

        await using connection = await transport.connect(
          { ...sshd.endpoint, identityFiles: [] },
          { hostKeys: trusting() },
        );

        expect((await connection.run(sh`id -u`)).stdout).toBe('0\n');
      } finally {
        process.kill(pid);
      }
    });

    it('goes through a jump host, and verifies both', async () => {
      await using jump = await startSshd();
      const hops: string[] = [];
      const jumpHostKeys = new PinnedHostKey(undefined, async (key) => void hops.push(key));

      await using connection = await connect(
        { ...sshd.endpoint, jumpHosts: [jump.endpoint] },
        new PinnedHostKey(sshd.hostKey, async () => {}),
        jumpHostKeys,
      );

      expect((await connection.run(sh`id -u`)).stdout).toBe('0\n');
      expect(hops).toEqual([jump.hostKey]);
    });

    it('says that the target is unreachable behind a jump host', async () => {
      await using jump = await startSshd();
      const port = await freePort();

      await expect(connect({ ...sshd.endpoint, port, jumpHosts: [jump.endpoint] })).rejects.toMatchObject({
        code: 'SSH_UNREACHABLE',
        message: `cannot reach "127.0.0.1:${port}": connection refused`,
      });
    });

    it('throws SSH_UNREACHABLE for a port where nothing listens', async () => {
      const port = await freePort();

      await expect(connect({ ...sshd.endpoint, port })).rejects.toMatchObject({
        code: 'SSH_UNREACHABLE',
        message: `cannot reach "127.0.0.1:${port}": connection refused`,
      });
    });

    it('throws SSH_UNREACHABLE for a name that does not exist', async () => {
      await expect(connect({ ...sshd.endpoint, host: 'no-such-host.invalid' })).rejects.toMatchObject({
        code: 'SSH_UNREACHABLE',
        message: expect.stringMatching(/no such host|cannot be resolved/),
      });
    });

    it.each([
      ['talks HTTP', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
      ['closes at once', ''],
    ])('throws SSH_UNREACHABLE when the other side %s', async (_title, answer) => {
      await using server = await listen((socket) => socket.end(answer));

      await expect(connect({ ...sshd.endpoint, port: server.port })).rejects.toMatchObject({
        code: 'SSH_UNREACHABLE',
        message: expect.stringMatching(/SSH/),
      });
    });

    it('gives up in time when the other side is silent', async () => {
      await using server = await listen(() => {});
      const transport = new Ssh2Transport({ jumpHostKeys: trusting(), identities: noIdentities });

      await expect(
        transport.connect({ ...sshd.endpoint, port: server.port }, { hostKeys: trusting(), timeoutMs: 300 }),
      ).rejects.toMatchObject({ code: 'SSH_UNREACHABLE', message: expect.stringContaining('timed out') });
    });

    it('rejects with the reason of the signal', async () => {
      await using server = await listen(() => {});
      const transport = new Ssh2Transport({ jumpHostKeys: trusting(), identities: noIdentities });
      const signal = AbortSignal.timeout(100);

      const error = await transport
        .connect({ ...sshd.endpoint, port: server.port }, { hostKeys: trusting(), signal })
        .catch((thrown: unknown) => thrown);

      expect(error).toBe(signal.reason);
    });
  });
});

function* slices(content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; at += 100_000) yield content.subarray(at, at + 100_000);
}

function collect(stream: Readable): { text: string } {
  const output = { text: '' };
  stream.on('data', (chunk: Buffer) => {
    output.text += chunk.toString();
    stream.emit('collected');
  });
  return output;
}

async function untilMatches(output: { readonly text: string }, pattern: RegExp): Promise<void> {
  for (let tries = 0; !pattern.test(output.text); tries += 1) {
    if (tries > 500) throw new Error(`no ${pattern} in ${output.text}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function listen(
  onConnection: (socket: import('node:net').Socket) => void,
): Promise<{ port: number } & AsyncDisposable> {
  const sockets = new Set<import('node:net').Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
