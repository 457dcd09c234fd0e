import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { ping } from '../../../../../src/agent/ping.js';
import { randomId } from '../../../../../src/shared/identifiers.js';
import { waitUntil } from '../../../../../src/shared/wait-until.js';
import { temporaryDirectory } from '../../../../support/temporary-directory.js';
import { buildTinyImage } from '../../../../support/tiny-image.js';
import { cutPower } from './power.js';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The real agent, bundled, on a Unix socket in a directory of its own and in network and mount namespaces of its
 * own: this machine's bridges, rules and mounts are not touched. They live as long as the lab, so that the agent
 * can be killed and started again. `busybox` is loaded.
 */
export class AgentLab implements AsyncDisposable {
  readonly directory: string;
  readonly socket: string;
  /** More variables of the agent's environment, for its next start. */
  agentEnv: NodeJS.ProcessEnv = {};
  readonly #stack = new AsyncDisposableStack();
  readonly #bundle: string;
  #keeper: ChildProcess | undefined;
  #agent: ChildProcess | undefined;
  readonly #clients = new Set<ChildProcess>();

  private constructor(directory: string, bundle: string) {
    this.directory = directory;
    this.socket = join(directory, 'docker.sock');
    this.#bundle = bundle;
  }

  /**
   * `settings` are more lines of agent.json; `dataSize` makes the store a file system of that size; `etc` gives it a copy of
   * /etc, in which these files have these texts.
   */
  static async start(
    settings: object = {},
    dataSize?: string,
    etc?: Readonly<Record<string, string>>,
  ): Promise<AgentLab> {
    const directory = await temporaryDirectory();
    // Beside the packages: koffi is found by its name there.
    const bundle = resolve(
      `node_modules/.cache/agent-lab-${process.pid}-${randomId().slice(0, 8)}/agent.mjs`,
    );
    const lab = new AgentLab(directory.path, bundle);
    lab.#stack.use(directory);
    try {
      await lab.#prepare(settings, dataSize, etc);
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
    return lab;
  }

  /** Runs docker with the lab's engine. `client` is the path of a docker CLI. */
  async docker(
    args: readonly string[],
    { client = 'docker', input = '' as string | Buffer, env = {} as NodeJS.ProcessEnv } = {},
  ): Promise<Outcome> {
    const child = spawn(client, args, { env: { ...this.env, ...env }, stdio: 'pipe' });
    const chunks: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
    child.stdout.on('data', (chunk) => chunks.stdout.push(chunk));
    child.stderr.on('data', (chunk) => chunks.stderr.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
    this.#clients.add(child);
    const [code] = await once(child, 'close');
    this.#clients.delete(child);
    clearTimeout(timer);
    const stdout = Buffer.concat(chunks.stdout).toString('latin1');
    return { code: code ?? -1, stdout, stderr: Buffer.concat(chunks.stderr).toString() };
  }

  /** Every docker that runs now. */
  killClients(): void {
    for (const client of this.#clients) client.kill('SIGKILL');
  }

  get env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      HOME: this.directory,
      DOCKER_BUILDKIT: '0',
      DOCKER_HOST: `unix://${this.socket}`,
    };
  }

  /** Runs a program in the namespaces of the lab: from there published ports are reached. */
  async inside(...argv: readonly string[]): Promise<string> {
    const target = ['-t', String(this.#keeper?.pid), '-n', '-m', ...argv];
    return (await promisify(execFile)('nsenter', target, { timeout: 30_000 })).stdout;
  }

  /** A server in the namespaces of the lab, ended at disposal; `isUp` is tried until it does not throw. */
  async serving(
    argv: readonly string[],
    isUp: readonly string[],
    signal: NodeJS.Signals = 'SIGKILL',
  ): Promise<AsyncDisposable> {
    const target = ['-t', String(this.#keeper?.pid), '-n', '-m', ...argv];
    const server = spawn('nsenter', target, { stdio: 'ignore' });
    const up = () =>
      this.inside(...isUp).then(
        () => true,
        () => undefined,
      );
    await waitUntil(up, { what: argv.join(' '), timeoutMs: 30_000, intervalMs: 50 });
    return {
      async [Symbol.asyncDispose]() {
        const ended = once(server, 'exit');
        server.kill(signal);
        await ended;
      },
    };
  }

  /** A request to the engine, past every client. The body of the answer is parsed where it is JSON. */
  async request(
    method: string,
    path: string,
    body?: Buffer,
  ): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: unknown }> {
    const headers = body?.[0] === 0x7b ? { 'Content-Type': 'application/json' } : {};
    const outgoing = request({ socketPath: this.socket, method, path, headers });
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = await answer.toArray();
    const text = Buffer.concat(chunks).toString();
    // Messages, one a line, stay as they are.
    const isJson = answer.headers['content-type'] === 'application/json' && !text.endsWith('\r\n');
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      body: isJson && text !== '' ? JSON.parse(text) : text,
    };
  }

  /** What HEAD of the archive end point tells. */
  async pathStat(id: string, path: string): Promise<unknown> {
    const { headers } = await this.request(
      'HEAD',
      `/containers/${id}/archive?path=${encodeURIComponent(path)}`,
    );
    return JSON.parse(Buffer.from(String(headers['x-docker-container-path-stat']), 'base64').toString());
  }

  /** Mount points in the lab's namespace that have a text in their path. */
  async mountsOf(text: string): Promise<string[]> {
    const mounts = await readFile(`/proc/${this.#keeper?.pid}/mountinfo`, 'utf8');
    return mounts
      .split('\n')
      .flatMap((line) => line.split(' ')[4] ?? [])
      .filter((path) => path.includes(text));
  }

  /** The machine loses its power and comes back. */
  async reboot(): Promise<void> {
    await cutPower(this);
    await this.startAgent();
  }

  /** mount(8) in the lab's mount namespace. */
  mount(...args: readonly string[]): void {
    execFileSync('nsenter', ['-t', String(this.#keeper?.pid), '-m', 'mount', ...args]);
  }

  /** umount(8) in the lab's mount namespace. */
  unmount(path: string): void {
    execFileSync('nsenter', ['-t', String(this.#keeper?.pid), '-m', 'umount', '-l', path]);
  }

  /** The agent's store, seen from outside of the lab. */
  get data(): string {
    return join('/proc', String(this.#keeper?.pid), 'root', this.directory, 'data');
  }

  /** Where something is mounted in the lab's mount namespace. */
  async mounts(): Promise<readonly string[]> {
    const text = await readFile(`/proc/${this.#keeper?.pid}/mountinfo`, 'utf8');
    return text.split('\n').map((line) => line.split(' ')[4] ?? '');
  }

  /** `killedAfterMs`: it may not live to serve. */
  async startAgent({ killedAfterMs }: { readonly killedAfterMs?: number } = {}): Promise<void> {
    await rm(this.socket, { force: true });
    const namespaces = ['-t', String(this.#keeper?.pid), '-n', '-m'];
    const serve = [process.execPath, this.#bundle, 'serve', '--config', join(this.directory, 'agent.json')];
    this.#agent = spawn('nsenter', [...namespaces, ...serve], {
      env: { ...process.env, ...this.agentEnv },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (killedAfterMs !== undefined) {
      await delay(killedAfterMs);
      return await this.endAgent('SIGKILL');
    }
    await waitUntil(
      async () =>
        ping(this.socket, 1_000).then(
          () => true,
          () => undefined,
        ),
      { what: 'the agent', timeoutMs: 30_000, intervalMs: 50 },
    );
  }

  /** For the next start of the agent. */
  async configure(settings: object = {}): Promise<void> {
    // The runtime's sockets need a short path.
    const config = {
      dataRoot: join(this.directory, 'data'),
      runRoot: join(this.directory, 'run'),
      socket: this.socket,
      ...settings,
    };
    await writeFile(join(this.directory, 'agent.json'), JSON.stringify(config));
  }

  /** Answers what it says on its way out. */
  async startSecondAgent(): Promise<string> {
    const serve = [this.#bundle, 'serve', '--config', join(this.directory, 'agent.json')];
    const child = promisify(execFile)(process.execPath, serve, { timeout: 30_000 });
    return child.then(
      () => '',
      (error: { readonly stderr?: string }) => error.stderr ?? '',
    );
  }

  async endAgent(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const agent = this.#agent;
    if (!agent || agent.exitCode !== null || agent.signalCode !== null) return;
    const ended = once(agent, 'exit');
    agent.kill(signal);
    await ended;
  }

  /** All containers end; then agent, namespaces and directory go. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { stdout } = await this.docker(['ps', '-aq']);
    const ids = stdout.split('\n').filter(Boolean);
    if (ids.length > 0) await this.docker(['rm', '-f', '-v', ...ids]);
    await this.endAgent('SIGTERM');
    this.#keeper?.kill('SIGKILL');
    await rm(join(this.#bundle, '..'), { recursive: true, force: true });
    await this.#stack.disposeAsync();
    await removeEmptyCgroups();
  }

  async #prepare(
    settings: object,
    dataSize: string | undefined,
    etc: Readonly<Record<string, string>> | undefined,
  ): Promise<void> {
    await mkdir(join(this.directory, 'run'));
    await chmod(this.directory, 0o711); // for containers with users of their own
    await Promise.all([this.configure(settings), bundleAgent(this.#bundle)]);
    this.#keeper = spawn('unshare', ['-n', '-m', '--propagation', 'private', 'sleep', 'infinity'], {
      stdio: 'ignore',
    });
    await waitUntil(async () => ((await this.#hasNamespace()) ? true : undefined), {
      what: 'the namespaces',
      timeoutMs: 30_000,
      intervalMs: 10,
    });
    execFileSync('nsenter', ['-t', String(this.#keeper.pid), '-n', 'ip', 'link', 'set', 'lo', 'up']);
    if (dataSize !== undefined) {
      await mkdir(join(this.directory, 'data'));
      this.mount('-t', 'tmpfs', '-o', `size=${dataSize}`, 'tmpfs', join(this.directory, 'data'));
    }
    if (etc) await this.#mountEtc(etc);
    await this.startAgent();
    await this.docker(['load', '-i', await buildTinyImage(this.directory)]);
  }

  async #mountEtc(files: Readonly<Record<string, string>>): Promise<void> {
    const copy = join(this.directory, 'etc');
    await promisify(execFile)('cp', ['-a', '/etc', copy]);
    for (const [name, text] of Object.entries(files)) await writeFile(join(copy, name), text);
    this.mount('--bind', copy, '/etc');
  }

  async #hasNamespace(): Promise<boolean> {
    const name = await readFile(`/proc/${this.#keeper?.pid}/comm`, 'utf8').catch(() => '');
    return name.trim() === 'sleep';
  }
}

async function bundleAgent(outfile: string): Promise<void> {
  await build({
    entryPoints: [resolve('src/agent/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22.15',
    external: ['koffi'],
    logLevel: 'error',
    banner: {
      js: `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;`,
    },
  });
}

/** The cgroup hierarchies are this machine's: what held the containers is removed, unless another lab uses it. */
async function removeEmptyCgroups(): Promise<void> {
  for (const hierarchy of ['.', ...(await readdir('/sys/fs/cgroup'))]) {
    await rmdir(join('/sys/fs/cgroup', hierarchy, 'tsmachine')).catch(() => {});
  }
}
