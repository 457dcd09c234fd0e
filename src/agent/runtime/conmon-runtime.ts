import { constants, existsSync, mkdirSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { TerminalSize } from '../../shared/terminal-size.js';
import { waitUntil } from '../../shared/wait-until.js';
import { DirectoryWatch } from '../kernel/directory-watch.js';
import { processEnd, signalProcess } from '../kernel/processes.js';
import { attachTo } from './attachment.js';
import { liftLimits, splitLifted } from './cgroup/lift.js';
import { type CgroupUsage, readProcesses, readUsage } from './cgroup/usage.js';
import { type CgroupLayout, countOomKills, readCgroupLayout, runtimePrefix } from './cgroup-mode.js';
import { CompiledSeccomp } from './compiled-seccomp.js';
import { ContainerFiles, readSpec } from './container-files.js';
import { containerNotMonitored, meansNoMonitor, runtimeFailed } from './errors.js';
import { execInContainer } from './exec.js';
import { Monitor } from './monitor.js';
import { OciCommand } from './oci-command.js';
import type {
  Attachment,
  ContainerRuntime,
  ExecRequest,
  ExecSession,
  ExitStatus,
  LaunchRequest,
} from './runtime.js';
import type { OciResources, OciSpec } from './spec/oci.js';
import { serialiseOci } from './spec/serialise.js';
import { type Remains, remains, sweep } from './sweep.js';

export interface ConmonRuntimeOptions {
  /** Path of crun or runc. */
  readonly runtime: string;
  /** Path of conmon. */
  readonly conmon: string;
  /** A directory on a tmpfs, of at most 40 bytes: sockets lie below it. */
  readonly stateRoot: string;
}

/** Containers under conmon, made by crun or runc. `close` frees the watches; containers are not concerned. */
export class ConmonRuntime implements ContainerRuntime {
  readonly name: string;
  readonly programs: ReadonlyMap<string, string>;
  readonly #stateRoot: string;
  readonly #cgroups: CgroupLayout;
  readonly #command: OciCommand;
  readonly #monitor: Monitor;
  readonly #seccomp: CompiledSeccomp;
  readonly #exits: DirectoryWatch;
  readonly #execs: DirectoryWatch;
  readonly #closed = new AbortController();
  readonly #ends = new Map<string, Promise<ExitStatus | undefined>>();

  constructor({ runtime, conmon, stateRoot }: ConmonRuntimeOptions) {
    this.name = basename(runtime);
    this.programs = new Map([[this.name, runtime]]);
    this.#stateRoot = stateRoot;
    for (const name of ['containers', 'exits', 'sockets', 'execs', this.name]) {
      mkdirSync(join(stateRoot, name), { recursive: true, mode: 0o700 });
    }
    this.#cgroups = readCgroupLayout();
    this.#command = new OciCommand({
      path: runtime,
      sealedDirectory: this.name === 'crun' ? join(stateRoot, 'sealed') : undefined,
      root: join(stateRoot, this.name),
      prefix: this.name === 'crun' ? runtimePrefix(this.#cgroups) : [],
    });
    this.#monitor = new Monitor({ path: conmon, stateRoot, runtimeName: this.name, command: this.#command });
    this.#seccomp = new CompiledSeccomp(stateRoot);
    this.#exits = new DirectoryWatch(join(stateRoot, 'exits'));
    this.#execs = new DirectoryWatch(join(stateRoot, 'execs'));
  }

  close(): void {
    this.#closed.abort();
    this.#exits.close();
    this.#execs.close();
    this.#command.close();
  }

  version(): Promise<string> {
    return this.#command.version();
  }

  async create(request: LaunchRequest): Promise<number> {
    const files = this.#files(request.id);
    this.#ends.delete(request.id);
    await files.make(this.#prepared(request.bundle));
    try {
      return await this.#monitor.launch(request, files, () => this.processes(request.id));
    } catch (error) {
      await this.#discard(request.id);
      throw error;
    }
  }

  async start(id: string): Promise<void> {
    try {
      await this.#command.run('start', [id]);
    } catch (error) {
      await this.#discard(id);
      throw error;
    }
  }

  /** Whether it has the container, running or ended, until `forget`. */
  has(id: string): boolean {
    return existsSync(this.#files(id).directory);
  }

  async isWaiting(id: string): Promise<boolean> {
    const state = await this.#command.run('state', [id]);
    return /"status"\s*:\s*"created"/.test(state);
  }

  async kill(id: string, signal: number, options = { all: false }): Promise<void> {
    const pid = this.#monitor.find(id, this.#files(id));
    if (pid === undefined) return;
    // The pid was looked at in the same turn, so it is still this process's; a runtime would cost 20 ms to say the same.
    if (!options.all) return signalProcess(pid, signal);
    await this.#command.run('kill', ['--all', id, String(signal)]).catch((error) => {
      if (this.#monitor.find(id, this.#files(id)) !== undefined) throw error;
    });
  }

  async pause(id: string): Promise<void> {
    await this.#command.run('pause', [id]);
  }

  async resume(id: string): Promise<void> {
    await this.#command.run('resume', [id]);
  }

  async delete(id: string, options = { force: false }): Promise<void> {
    await this.#oomChecked(id);
    if (!options.force) {
      await this.#command.run('delete', [id]);
      return;
    }
    await this.#command.run('delete', ['--force', id]).catch(() => {}); // what it leaves is looked for
    const left = this.#remains(id);
    const files = this.#files(id);
    // A monitor that has not told of an end may still be making the container, for an agent that was killed.
    const isWorking = this.#monitor.running(id, files) !== undefined && files.exitStatus() === undefined;
    if (isWorking || remains(left)) await sweep(left);
  }

  async attach(id: string): Promise<Attachment> {
    try {
      return attachTo(this.#files(id).attach);
    } catch (error) {
      if (meansNoMonitor(error)) throw containerNotMonitored(id);
      throw error;
    }
  }

  /** The monitor takes 0 to 1000 for both. */
  async resize(id: string, { columns, rows }: TerminalSize): Promise<void> {
    await this.#control(id, `1 ${Math.min(rows, 1000)} ${Math.min(columns, 1000)}`);
  }

  async reopenLog(id: string, logPath: string): Promise<void> {
    await this.#control(id, '2 0 0');
    await waitUntil(async () => existsSync(logPath) || undefined, {
      what: 'a new log file',
      timeoutMs: 10_000,
      intervalMs: 5,
    });
  }

  async #control(id: string, line: string): Promise<void> {
    // Non-blocking: a fifo that nobody reads any more fails with ENXIO instead of waiting for a reader.
    const flags = constants.O_WRONLY | constants.O_NONBLOCK;
    try {
      await using control = await open(this.#files(id).control, flags);
      await control.write(`${line}\n`);
    } catch (error) {
      if (meansNoMonitor(error)) throw containerNotMonitored(id);
      throw error;
    }
  }

  exec(request: ExecRequest): Promise<ExecSession> {
    return execInContainer(request, {
      runtimeName: this.name,
      command: this.#command,
      directory: join(this.#stateRoot, 'execs'),
      watch: this.#execs,
    });
  }

  async update(id: string, resources: OciResources): Promise<void> {
    const file = this.#files(id).resources;
    const { limits, lifted } = splitLifted(resources);
    await writeFile(file, serialiseOci(limits), { mode: 0o600 });
    await this.#command.run('update', ['--resources', file, id]);
    const path = this.#cgroupOf(id);
    if (path !== undefined) await liftLimits(this.#cgroups, path, lifted);
  }

  async usage(id: string): Promise<CgroupUsage | undefined> {
    const path = this.#cgroupOf(id);
    return path === undefined ? undefined : readUsage(this.#cgroups, path);
  }

  async processes(id: string): Promise<readonly number[]> {
    const path = this.#cgroupOf(id);
    return path === undefined ? [] : readProcesses(this.#cgroups, path);
  }

  async outOfMemory(id: string, signal: AbortSignal): Promise<void> {
    const files = this.#files(id);
    const either = AbortSignal.any([signal, this.#closed.signal]);
    const watch = new DirectoryWatch(files.directory);
    try {
      await watch.until(basename(files.oom), () => files.oomReported() || undefined, either);
    } finally {
      watch.close();
    }
  }

  exited(id: string): Promise<ExitStatus | undefined> {
    const known = this.#ends.get(id);
    if (known) return known;
    const end = this.#waitForEnd(id);
    this.#ends.set(id, end);
    end.catch(() => this.#ends.delete(id));
    return end;
  }

  async find(id: string): Promise<number | undefined> {
    return this.#monitor.find(id, this.#files(id));
  }

  async forget(id: string): Promise<void> {
    this.#ends.delete(id);
    await this.#files(id).remove();
  }

  #prepared(bundle: string): OciSpec {
    const spec = readSpec(join(bundle, 'config.json'));
    if (!spec) throw runtimeFailed('create', `no config.json in ${bundle}`);
    return this.name === 'crun' ? this.#seccomp.apply(spec) : spec;
  }

  #cgroupOf(id: string): string | undefined {
    return this.#files(id).spec()?.linux.cgroupsPath;
  }

  #files(id: string): ContainerFiles {
    return new ContainerFiles(this.#stateRoot, id);
  }

  /** The exit file, or the end of a monitor that has not written one. */
  async #waitForEnd(id: string): Promise<ExitStatus | undefined> {
    const files = this.#files(id);
    const settled = new AbortController();
    const signal = AbortSignal.any([settled.signal, this.#closed.signal]);
    const written = this.#exits.until(id, () => files.exitStatus(), signal);
    const monitor = this.#monitor.running(id, files);
    const lost = (monitor === undefined ? Promise.resolve() : processEnd(monitor, signal)).then(() =>
      files.exitStatus(),
    );
    try {
      const status = await Promise.race([written, lost]);
      return status && { ...status, oomKilled: this.#wasOomKilled(files) };
    } finally {
      settled.abort();
      for (const loser of [written, lost]) loser.catch(() => {});
    }
  }

  /** The monitor may end before it has read the kernel's event; the cgroup, while it is there, knows as well. */
  #wasOomKilled(files: ContainerFiles): boolean {
    if (files.oomReported()) return true;
    const path = files.spec()?.linux.cgroupsPath;
    return path !== undefined && countOomKills(this.#cgroups, path) > 0;
  }

  /** Deleting removes the cgroup, which `exited` looks at. */
  async #oomChecked(id: string): Promise<void> {
    if (this.#files(id).exitStatus()) await this.exited(id);
  }

  /** After a failure, whatever there is. */
  async #discard(id: string): Promise<void> {
    await this.#command.run('delete', ['--force', id]).catch(() => {});
    await sweep(this.#remains(id)).catch(() => {}); // the first error is the one to tell
    await this.forget(id);
  }

  #remains(id: string): Remains {
    return {
      layout: this.#cgroups,
      cgroupsPath: this.#cgroupOf(id),
      stateDirectory: join(this.#stateRoot, this.name, id),
      filesDirectory: this.#files(id).directory,
    };
  }
}
