import type { TerminalSize } from '../../shared/terminal-size.js';
import type { CgroupUsage } from './cgroup/usage.js';
import type { ConmonRuntime } from './conmon-runtime.js';
import type {
  Attachment,
  ContainerRuntime,
  ExecRequest,
  ExecSession,
  ExitStatus,
  LaunchRequest,
} from './runtime.js';
import type { OciResources } from './spec/oci.js';

/**
 * Several runtimes side by side, each container under the one it was launched with; the first is the default. Which
 * one has a container is seen from its files, so that an agent that starts again knows it as well.
 */
export class RuntimeChoice implements ContainerRuntime {
  readonly name: string;
  readonly programs: ReadonlyMap<string, string>;
  readonly #default: ConmonRuntime;
  readonly #all: readonly ConmonRuntime[];

  constructor(first: ConmonRuntime, ...others: readonly ConmonRuntime[]) {
    this.name = first.name;
    this.#default = first;
    this.#all = [first, ...others];
    this.programs = new Map(this.#all.flatMap(({ programs }) => [...programs]));
  }

  close(): void {
    for (const each of this.#all) each.close();
  }

  version(): Promise<string> {
    return this.#default.version();
  }

  /** What another one may have kept of an earlier run is forgotten: it would be asked in place of the new one. */
  async create(request: LaunchRequest): Promise<number> {
    const chosen = this.#all.find(({ name }) => name === request.program) ?? this.#default;
    const others = this.#all.filter((each) => each !== chosen && each.has(request.id));
    await Promise.all(others.map((each) => each.forget(request.id)));
    return chosen.create(request);
  }

  start(id: string): Promise<void> {
    return this.#of(id).start(id);
  }

  isWaiting(id: string): Promise<boolean> {
    return this.#of(id).isWaiting(id);
  }

  kill(id: string, signal: number, options?: { readonly all: boolean }): Promise<void> {
    return this.#of(id).kill(id, signal, options);
  }

  pause(id: string): Promise<void> {
    return this.#of(id).pause(id);
  }

  resume(id: string): Promise<void> {
    return this.#of(id).resume(id);
  }

  delete(id: string, options?: { readonly force: boolean }): Promise<void> {
    return this.#of(id).delete(id, options);
  }

  attach(id: string): Promise<Attachment> {
    return this.#of(id).attach(id);
  }

  resize(id: string, size: TerminalSize): Promise<void> {
    return this.#of(id).resize(id, size);
  }

  exec(request: ExecRequest): Promise<ExecSession> {
    return this.#of(request.containerId).exec(request);
  }

  reopenLog(id: string, logPath: string): Promise<void> {
    return this.#of(id).reopenLog(id, logPath);
  }

  update(id: string, resources: OciResources): Promise<void> {
    return this.#of(id).update(id, resources);
  }

  usage(id: string): Promise<CgroupUsage | undefined> {
    return this.#of(id).usage(id);
  }

  processes(id: string): Promise<readonly number[]> {
    return this.#of(id).processes(id);
  }

  outOfMemory(id: string, signal: AbortSignal): Promise<void> {
    return this.#of(id).outOfMemory(id, signal);
  }

  exited(id: string): Promise<ExitStatus | undefined> {
    return this.#of(id).exited(id);
  }

  find(id: string): Promise<number | undefined> {
    return this.#of(id).find(id);
  }

  forget(id: string): Promise<void> {
    return this.#of(id).forget(id);
  }

  #of(id: string): ConmonRuntime {
    return this.#all.find((each) => each.has(id)) ?? this.#default;
  }
}
