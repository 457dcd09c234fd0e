import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runOrThrow } from '../../../../../src/shared/spawn.js';
import type { AgentLab } from './agent-lab.js';

/** Debian's, as scripts/setup has unpacked it. */
const tree = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'tsmachine', 'docker-engine');

/** A real Docker Engine in the namespaces of a lab, beside the agent. */
export class DockerEngine implements AsyncDisposable {
  readonly #lab: AgentLab;
  readonly #directory: string;
  #server: AsyncDisposable | undefined;

  constructor(lab: AgentLab) {
    this.#lab = lab;
    this.#directory = join(lab.directory, 'docker-engine');
  }

  get socket(): string {
    return join(this.#directory, 'docker.sock');
  }

  async start(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const path = `PATH=${tree}/usr/sbin:${tree}/usr/bin:${process.env['PATH']}`;
    const places = ['data-root', 'exec-root'].flatMap((name) => [`--${name}`, join(this.#directory, name)]);
    const files = ['--pidfile', join(this.#directory, 'pid'), '--host', `unix://${this.socket}`];
    const argv = ['env', path, 'dockerd', ...places, ...files, '--storage-driver', 'vfs', '--live-restore'];
    this.#server = await this.#lab.serving(
      argv,
      ['docker', '-H', `unix://${this.socket}`, 'version'],
      'SIGTERM',
    );
  }

  async docker(...args: readonly string[]): Promise<string> {
    const { stdout } = await runOrThrow(['docker', '-H', `unix://${this.socket}`, ...args], {
      timeoutMs: 30_000,
    });
    return stdout.trim();
  }

  /** Its containers live on. */
  async stop(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = undefined;
  }

  /** Containers first: their monitors are its containerd's. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ids = (await this.docker('ps', '-aq')).split('\n').filter(Boolean);
    if (ids.length > 0) await this.docker('rm', '-f', ...ids);
    await this.stop();
  }
}
