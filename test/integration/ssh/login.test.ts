import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runOrThrow } from '../../../src/shared/spawn.js';
import { sh } from '../../../src/ssh/command.js';
import { generateKeyPair } from '../../../src/ssh/key-pair.js';
import { Ssh2Transport } from '../../../src/ssh/ssh2-transport.js';
import type { HostKeyVerifier, LoginSecrets, SshEndpoint } from '../../../src/ssh/transport.js';
import { type BareHost, startBareHost } from '../../support/bare-host.js';
import { freePort, type Sshd, startSshd } from '../../support/sshd.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

// A host whose users have passwords, with a second sshd that asks for them in another way.

const resources = new AsyncDisposableStack();
let host: BareHost;
let jump: Sshd;
let directory: string;
const questionsPort = 2222;
const bothPort = 2223;

beforeAll(async () => {
  host = resources.use(await startBareHost({ user: { name: 'ada', sudo: false } }));
  jump = resources.use(await startSshd());
  directory = resources.use(await temporaryDirectory()).path;
  await inHost('chpasswd', 'ada:analytical engine\n');
  await serve(questionsPort, ['PasswordAuthentication no', 'KbdInteractiveAuthentication yes']);
  await serve(bothPort, ['PasswordAuthentication yes', 'AuthenticationMethods publickey,password']);
  await serve(22_000, ['PasswordAuthentication yes', 'KbdInteractiveAuthentication no']);
}, 60_000);
afterAll(() => resources[Symbol.asyncDispose](), 30_000);

describe('a password', () => {
  test('is asked for only when there is no key to log in with', async () => {
    const secrets = answers(['analytical engine']);

    expect(await whoami(at(22_000), secrets)).toBe('ada\n');
    expect(secrets.asked).toEqual(['password 1']);
    expect(await whoami({ ...at(22_000), identityFiles: [host.keyFile] }, secrets)).toBe('ada\n');
    expect(secrets.asked).toHaveLength(1);
  });

  test('that is wrong is asked for again, until there is no other', async () => {
    const secrets = answers(['difference engine', 'analytical engine']);
    expect(await whoami(at(22_000), secrets)).toBe('ada\n');
    expect(secrets.asked).toEqual(['password 1', 'password 2']);

    await expect(whoami(at(22_000), answers(['a', 'b']))).rejects.toMatchObject({
      code: 'SSH_AUTHENTICATION_FAILED',
      message: expect.stringMatching(/"ada" may not log in to ".*": tried password$/),
    });
  });

  test('that nobody can be asked for is named with what to give instead', async () => {
    await expect(whoami(at(22_000), answers([]))).rejects.toMatchObject({
      code: 'SSH_AUTHENTICATION_FAILED',
      message: expect.stringContaining('no terminal to ask for the password on'),
      hints: expect.arrayContaining(['give it']),
    });
  });

  test('is not asked for where keys alone are to be used', async () => {
    const secrets = { ...answers(['analytical engine']), passwords: false };

    await expect(whoami(at(22_000), secrets)).rejects.toMatchObject({ code: 'SSH_AUTHENTICATION_FAILED' });
    expect(secrets.asked).toEqual([]);
  });

  test('answers the questions of a server that has its own', async () => {
    const secrets = answers(['difference engine', 'analytical engine']);

    expect(await whoami(at(questionsPort), secrets)).toBe('ada\n');
    expect(secrets.asked).toEqual([
      expect.stringMatching(/^question 1 .*Password: /),
      expect.stringMatching(/^question 2 .*Password: /),
    ]);
    await expect(whoami(at(questionsPort), answers([]))).rejects.toMatchObject({
      message: expect.stringContaining('tried keyboard-interactive'),
    });
  });

  test('comes after the key where a server wants both', async () => {
    const secrets = answers(['analytical engine']);

    expect(await whoami({ ...at(bothPort), identityFiles: [host.keyFile] }, secrets)).toBe('ada\n');
    expect(secrets.asked).toEqual(['password 1']);
  });

  test('may take longer to type than the deadline of the network', async () => {
    const slow = answers(['analytical engine'], 900);

    expect(await whoami(at(22_000), slow, { timeoutMs: 700 })).toBe('ada\n');
  });

  test('is that of the jump host for the jump host', async () => {
    const secrets: LoginSecrets = {
      ...answers([]),
      password: async ({ user }) => (user === 'ada' ? 'analytical engine' : undefined),
    };
    const target: SshEndpoint = { ...jump.endpoint, jumpHosts: [at(22_000)] };
    // The jump host cannot see our loopback, but what counts is that it let us in.
    await expect(whoami(target, secrets)).rejects.toMatchObject({ code: 'SSH_UNREACHABLE' });

    const through: SshEndpoint = { ...at(22_000), jumpHosts: [jump.endpoint] };
    expect(await whoami(through, secrets)).toBe('ada\n');
  });
});

describe('a key under a passphrase', () => {
  test('is opened with the passphrase, which is asked for again when it is wrong', async () => {
    const path = await protectedKey('open sesame');
    const secrets = answers(['open barley', 'open sesame']);

    expect(await whoami({ ...jump.endpoint, identityFiles: [path] }, secrets)).toBe('root\n');
    expect(secrets.asked).toEqual([`passphrase ${path} 1`, `passphrase ${path} 2`]);
  });

  test('is left alone while another key does', async () => {
    const path = await protectedKey('open sesame');
    const secrets = answers(['open sesame']);

    expect(await whoami({ ...jump.endpoint, identityFiles: [path, jump.identityFile] }, secrets)).toBe(
      'root\n',
    );
    expect(secrets.asked).toEqual([]);
  });

  test('is said to be locked when the passphrase stays wrong', async () => {
    const path = await protectedKey('open sesame');
    const endpoint = { ...jump.endpoint, identityFiles: [path] };

    await expect(whoami(endpoint, answers(['a', 'b', 'c', 'd']))).rejects.toMatchObject({
      message: expect.stringContaining(`"${path}" (wrong passphrase)`),
    });
    await expect(whoami(endpoint, answers([]))).rejects.toMatchObject({
      message: expect.stringContaining(`no terminal to ask for the passphrase of "${path}" on`),
    });
  });
});

describe('ssh-agent', () => {
  test('with more keys than a server lets us try is tried to the end', async () => {
    await using agent = await startAgent();
    for (let count = 0; count < 14; count += 1) {
      const path = join(directory, `stranger-${count}`);
      await writeFile(path, (await generateKeyPair('stranger')).privateKey, { mode: 0o600 });
      await agent.add(path);
    }
    await agent.add(jump.identityFile);

    expect(await whoami({ ...jump.endpoint, identityFiles: [] }, undefined, { agent: agent.socket })).toBe(
      'root\n',
    );
    expect(await whoami(at(22_000), answers(['analytical engine']), { agent: agent.socket })).toBe('ada\n');
  });

  test('opens a key under a passphrase, which is not asked for then', async () => {
    await using agent = await startAgent();
    await agent.add(jump.identityFile);
    const path = join(directory, 'locked');
    await writeFile(path, await readFile(jump.identityFile), { mode: 0o600 });
    await runOrThrow(['ssh-keygen', '-q', '-p', '-N', 'open sesame', '-f', path]);
    const secrets = answers(['open sesame']);

    const endpoint = { ...jump.endpoint, identityFiles: [path] };
    expect(await whoami(endpoint, secrets, { agent: agent.socket })).toBe('root\n');
    expect(secrets.asked).toEqual([]);
  });

  test('that is gone does not keep anybody from the keys in files', async () => {
    expect(await whoami(jump.endpoint, undefined, { agent: join(directory, 'nowhere') })).toBe('root\n');
  });
});

function at(port: number): SshEndpoint {
  return { host: host.address, port, user: 'ada', identityFiles: [] };
}

async function whoami(
  endpoint: SshEndpoint,
  secrets: LoginSecrets | undefined,
  { agent, timeoutMs }: { readonly agent?: string; readonly timeoutMs?: number } = {},
): Promise<string> {
  const trusting: HostKeyVerifier = { verify: async () => {} };
  const identities = () => ({ home: '/nonexistent', agent });
  const transport = new Ssh2Transport({ jumpHostKeys: trusting, identities });
  const timeout = timeoutMs === undefined ? {} : { timeoutMs };
  await using connection = await transport.connect(endpoint, { hostKeys: trusting, secrets, ...timeout });
  return (await connection.run(sh`id -un`)).stdout;
}

/** Gives these one after another to whatever is asked, and notes what that was. */
function answers(given: readonly string[], delayMs = 0): LoginSecrets & { readonly asked: string[] } {
  const asked: string[] = [];
  const left = [...given];
  const answer = async (question: string) => {
    if (left.length > 0) asked.push(question);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    return left.shift();
  };
  return {
    asked,
    passwords: true,
    advice: ['give it'],
    password: (_, { attempt }) => answer(`password ${attempt}`),
    passphrase: (path, { attempt }) => answer(`passphrase ${path} ${attempt}`),
    answer: (_, { text }, { attempt }) => answer(`question ${attempt} ${text}`),
    sudoPassword: async () => undefined,
  };
}

async function protectedKey(passphrase: string): Promise<string> {
  const path = join(directory, `protected-${await freePort()}`);
  await writeFile(path, await readFile(jump.identityFile), { mode: 0o600 });
  await runOrThrow(['ssh-keygen', '-q', '-p', '-N', passphrase, '-f', path]);
  return path;
}

async function startAgent() {
  const socket = join(directory, `agent-${await freePort()}`);
  const { stdout } = await runOrThrow(['ssh-agent', '-a', socket]);
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1]);
  return {
    socket,
    add: (path: string) =>
      runOrThrow(['ssh-add', '-q', path], { env: { ...process.env, SSH_AUTH_SOCK: socket } }),
    [Symbol.asyncDispose]: async () => void process.kill(pid),
  };
}

/** One more sshd in the host, with PAM. */
async function serve(port: number, lines: readonly string[]): Promise<void> {
  const config = [
    ...lines,
    `Port ${port}`,
    'HostKey /tmp/host_key',
    'UsePAM yes',
    `PidFile /run/sshd-${port}.pid`,
  ];
  await inHost('[ -e /tmp/host_key ] || ssh-keygen -q -t ed25519 -N "" -f /tmp/host_key; mkdir -p /run/sshd');
  await inHost(`cat >/tmp/sshd-${port} && /usr/sbin/sshd -f /tmp/sshd-${port}`, `${config.join('\n')}\n`);
}

async function inHost(command: string, input?: string): Promise<void> {
  const { code, stderr } = await host.exec(['sh', '-c', command], input);
  if (code !== 0) throw new Error(`"${command}": ${stderr}`);
}
