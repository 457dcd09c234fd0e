import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { start } from '../../shared/spawn.js';
import { sandboxBootFailed } from './errors.js';
import { identify, type ProcessIdentity } from './processes.js';
import { toolEnvironment } from './tools.js';

export interface BootPlan {
  readonly state: string;
  readonly base: string;
  readonly templates: string;
  /** "10.213.0.2/24". */
  readonly address: string;
  readonly gateway: string;
  /** Directories to join, one per hierarchy. */
  readonly cgroups: readonly string[];
  /** v1 hierarchies that the sandbox mounts; none means that it mounts version 2. */
  readonly cgroupsInside: readonly string[];
  readonly signal: AbortSignal;
  /**
   * Called when PID 1 exists and waits: it goes on when this resolves, and ends when it rejects or when this
   * process ends. The place to record it and to give it its network.
   */
  prepare(init: ProcessIdentity): Promise<void>;
}

const bootMs = 30_000;

/** Starts the sandbox's PID 1 in namespaces of its own; resolves when its init runs. Throws SANDBOX_BOOT_FAILED. */
export async function boot(plan: BootPlan): Promise<void> {
  const log = await open(join(plan.state, 'log'), 'w', 0o600);
  const signal = AbortSignal.any([plan.signal, AbortSignal.timeout(bootMs)]);
  const child = start(
    ['/bin/sh', join(plan.templates, 'launch.sh'), 'join', join(plan.templates, 'boot.sh'), ...plan.cgroups],
    {
      // Not stdin and stdout: Node closes those when launch.sh ends, and PID 1 goes on to use the socket.
      stdio: ['ignore', log.fd, log.fd, 'pipe'],
      detached: true,
      cwd: '/',
      env: environment(plan),
    },
  );
  const socket = child.stdio[3];
  if (!(socket instanceof Duplex)) throw new TypeError('no socket to the new process');
  const abort = () => socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    child.on('error', abort);
    socket.on('error', () => {}); // its end tells
    const booted = await followBoot(plan, socket, signal);
    plan.signal.throwIfAborted();
    if (!booted) throw sandboxBootFailed(await lastWords(plan.state));
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
    await log.close();
  }
}

/** Reads what launch.sh and init.sh tell; true when init has begun. */
async function followBoot(plan: BootPlan, socket: Duplex, signal: AbortSignal): Promise<boolean> {
  let text = '';
  let hadPid = false;
  try {
    for await (const chunk of socket) {
      text += chunk;
      if (text.includes('booted\n')) return true;
      const pid = /^pid (\d+)\n/.exec(text)?.[1];
      if (hadPid || pid === undefined) continue;
      hadPid = true;
      await prepareInit(plan, Number(pid));
      socket.write('go\n');
    }
  } catch (error) {
    if (!signal.aborted) throw error; // the socket was destroyed
  }
  return false;
}

async function prepareInit(plan: BootPlan, pid: number): Promise<void> {
  const init = await identify(pid);
  if (!init) throw sandboxBootFailed(await lastWords(plan.state));
  await plan.prepare(init);
}

function environment(plan: BootPlan): NodeJS.ProcessEnv {
  return {
    ...toolEnvironment,
    SANDBOX_STATE: plan.state,
    SANDBOX_BASE: plan.base,
    SANDBOX_TEMPLATES: plan.templates,
    SANDBOX_ADDRESS: plan.address,
    SANDBOX_GATEWAY: plan.gateway,
    SANDBOX_CGROUPS: plan.cgroupsInside.join(' '),
  };
}

async function lastWords(state: string): Promise<string> {
  const log = await readFile(join(state, 'log'), 'utf8').catch(() => '');
  return log.trim().split('\n').slice(-3).join('; ') || 'it ended without a word';
}
