import { access, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { run } from '../../src/shared/spawn.js';

const launcher = resolve('bin/tsmachine.cjs');

export interface Outcome {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallOptions {
  readonly input?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
  readonly cwd?: string;
}

/** A store of its own with the built CLI on it; every machine in it is removed at disposal. */
export interface TestStore extends AsyncDisposable {
  readonly path: string;
  /** The environment in which `tsmachine` means this store and nothing else of the developer's. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs the built CLI to its end, whatever its exit code. */
  call(args: readonly string[], options?: CallOptions): Promise<Outcome>;
  /** Like `call`, but throws with everything it printed when it does not exit with 0. Answers stdout. */
  expectOk(args: readonly string[], options?: CallOptions): Promise<string>;
  /** What a docker client needs to reach the machine, as `tsmachine env` gives it. */
  dockerEnv(machine: string): Promise<NodeJS.ProcessEnv>;
}

export async function createTestStore(): Promise<TestStore> {
  const path = await mkdtemp(join(tmpdir(), 'tsmachine-e2e-'));
  const env = { ...withoutDocker(process.env), TSMACHINE_STORAGE_PATH: path, NODE_OPTIONS: '' };

  const call = (args: readonly string[], options: CallOptions = {}): Promise<Outcome> =>
    run([launcher, ...args], {
      env: { ...env, ...options.env },
      timeoutMs: options.timeoutMs ?? 110_000,
      ...(options.input !== undefined && { input: options.input }),
      ...(options.cwd !== undefined && { cwd: options.cwd }),
    });

  const expectOk = async (args: readonly string[], options?: CallOptions): Promise<string> => {
    const { code, stdout, stderr } = await call(args, options);
    if (code !== 0) throw new Error(`tsmachine ${args.join(' ')} exited with ${code}\n${stdout}\n${stderr}`);
    return stdout;
  };

  return {
    path,
    env,
    call,
    expectOk,
    async dockerEnv(machine) {
      const lines = await expectOk(['env', '--shell', 'sh', machine]);
      const pairs = [...lines.matchAll(/^export (\w+)="(.*)"$/gm)].map(([, name, value]) => [name, value]);
      return { ...withoutDocker(process.env), ...Object.fromEntries(pairs) };
    },
    async [Symbol.asyncDispose]() {
      const names = (await call(['ls', '--quiet'])).stdout.split('\n').filter(Boolean);
      if (names.length > 0) await call(['rm', '--force', ...names]);
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Every docker client of this machine: its path and version, each version once. */
export async function dockerClients(): Promise<
  readonly { readonly path: string; readonly version: string }[]
> {
  const cached = join(
    process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    'tsmachine',
    'docker-client',
  );
  const directories = [cached, ...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/bin', '/usr/bin'];
  const found = new Map<string, string>();
  for (const path of new Set(directories.map((directory) => join(directory, 'docker')))) {
    if (
      !(await access(path).then(
        () => true,
        () => false,
      ))
    )
      continue;
    const { stdout } = await run([path, '--version']);
    const version = /Docker version (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
    if (version !== undefined && !found.has(version)) found.set(version, path);
  }
  return [...found].map(([version, path]) => ({ path, version }));
}

/** The newest docker of this machine: its own, or Debian 13's, which the set-up has unpacked. */
export async function newestDockerClient(): Promise<string> {
  const unpacked = join(
    process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    'tsmachine/buildkit-clients/docker',
  );
  const own = (await dockerClients()).toSorted((a, b) =>
    a.version.localeCompare(b.version, 'en', { numeric: true }),
  );
  const newest = own.at(-1);
  return newest && Number(newest.version.split('.')[0]) > 26 ? newest.path : unpacked;
}

function withoutDocker(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(DOCKER|TSMACHINE|MACHINE)_/.test(name)),
  );
}
