import type { Readable } from 'node:stream';
import type { WaitResponse } from '../../../api/container.js';
import type { CreateRequest, HostConfig } from '../../../api/container-config.js';
import type { ExecCreateRequest, ExecStartRequest } from '../../../api/exec.js';
import type { Filters } from '../../../api/filters.js';
import type { TerminalSize } from '../../../shared/terminal-size.js';
import { notRunning } from '../errors.js';
import {
  archiveContainerPath,
  type ExtractToContainerOptions,
  extractToContainer,
  statContainerPath,
} from './archive.js';
import { type AttachOptions, type AttachSession, attachToContainer } from './attach.js';
import { containerChanges } from './changes.js';
import { type CommitOptions, commitContainer } from './commit.js';
import { type ContainerContext, publish } from './context.js';
import { createContainer } from './create.js';
import { Execs } from './exec.js';
import { exportContainer } from './export.js';
import { inspectContainer } from './inspect.js';
import { removeLink } from './links.js';
import { type ListOptions, listContainers } from './list.js';
import { containerLogs, type LogStream, type LogsRequest } from './logs.js';
import { pauseContainer, unpauseContainer } from './pause.js';
import { pruneContainers } from './prune.js';
import { type RemoveOptions, removeContainer } from './remove.js';
import { renameContainer } from './rename.js';
import { restartContainer } from './restart.js';
import { startContainer } from './start.js';
import { containerStats, type StatsOptions } from './stats/container-stats.js';
import { killContainer, type StopOptions, stopContainer } from './stop.js';
import { containerTop } from './top.js';
import { updateContainer } from './update.js';
import { parseCondition, waitFor } from './wait.js';

/** The container use cases by name or ID. It only delegates. */
export class ContainerService {
  readonly #context: ContainerContext;
  readonly #execs: Execs;

  constructor(context: ContainerContext) {
    this.#context = context;
    this.#execs = new Execs(context);
  }

  create(name: string | undefined, request: CreateRequest | undefined, platform: string | undefined) {
    return createContainer(this.#context, name, request, platform);
  }

  list(options: ListOptions) {
    return listContainers(this.#context, options);
  }

  async inspect(name: string, options: { readonly size: boolean }) {
    return inspectContainer(this.#context, this.#resolve(name), options);
  }

  async start(name: string): Promise<void> {
    await startContainer(this.#context, this.#resolve(name));
  }

  async stop(name: string, options: StopOptions): Promise<void> {
    await stopContainer(this.#context, this.#resolve(name), options);
  }

  async restart(name: string, options: StopOptions): Promise<void> {
    await restartContainer(this.#context, this.#resolve(name), options);
  }

  async kill(name: string, signal: string | undefined): Promise<void> {
    await killContainer(this.#context, this.#resolve(name), signal);
  }

  async pause(name: string): Promise<void> {
    await pauseContainer(this.#context, this.#resolve(name));
  }

  async unpause(name: string): Promise<void> {
    await unpauseContainer(this.#context, this.#resolve(name));
  }

  async rename(name: string, to: string | undefined): Promise<void> {
    await renameContainer(this.#context, this.#resolve(name), to);
  }

  async removeLink(name: string): Promise<void> {
    await removeLink(this.#context, name);
  }

  async remove(name: string, options: RemoveOptions): Promise<void> {
    await removeContainer(this.#context, this.#resolve(name), options);
  }

  prune(filters: Filters) {
    return pruneContainers(this.#context, filters);
  }

  /** Waiting has begun when this returns; `result` comes later. */
  wait(
    name: string,
    condition: string | undefined,
    signal: AbortSignal,
  ): { readonly result: Promise<WaitResponse> } {
    return { result: waitFor(this.#resolve(name), parseCondition(condition), signal) };
  }

  attach(name: string, options: AttachOptions): AttachSession {
    return attachToContainer(this.#context, this.#resolve(name), options);
  }

  logs(name: string, request: LogsRequest, signal: AbortSignal): LogStream {
    return containerLogs(this.#context, this.#resolve(name), request, signal);
  }

  async resize(name: string, size: TerminalSize): Promise<void> {
    const container = this.#resolve(name);
    if (!container.running) throw notRunning(container.id);
    await this.#context.runtime.resize(container.id, size);
    const attributes = { height: String(size.rows), width: String(size.columns) };
    publish(this.#context, container, 'resize', attributes);
  }

  /** Throws before anything is sampled when the options exclude each other. */
  stats(name: string, options: StatsOptions, signal: AbortSignal) {
    return containerStats(this.#context, this.#resolve(name), options, signal);
  }

  async update(name: string, request: HostConfig | undefined) {
    return updateContainer(this.#context, this.#resolve(name), request ?? {});
  }

  async top(name: string, psArgs: string | undefined) {
    return containerTop(this.#context, this.#resolve(name), psArgs);
  }

  statPath(name: string, path: string) {
    return statContainerPath(this.#context, this.#resolve(name), { path, name });
  }

  archive(name: string, path: string) {
    return archiveContainerPath(this.#context, this.#resolve(name), { path, name });
  }

  async extract(
    name: string,
    path: string,
    tar: Readable,
    options: ExtractToContainerOptions,
  ): Promise<void> {
    await extractToContainer(this.#context, this.#resolve(name), { path, name }, tar, options);
  }

  changes(name: string) {
    return containerChanges(this.#context, this.#resolve(name));
  }

  export(name: string) {
    return exportContainer(this.#context, this.#resolve(name));
  }

  commit(name: string, options: CommitOptions, signal: AbortSignal) {
    return commitContainer(this.#context, this.#resolve(name), options, signal);
  }

  createExec(name: string, request: ExecCreateRequest): string {
    return this.#execs.create(this.#resolve(name), request, name);
  }

  startExec(id: string, request: ExecStartRequest): Promise<AttachSession | undefined> {
    return this.#execs.start(id, request);
  }

  inspectExec(id: string) {
    return this.#execs.inspect(id);
  }

  resizeExec(id: string, size: TerminalSize): void {
    this.#execs.resize(id, size);
  }

  #resolve(name: string) {
    return this.#context.store.resolve(name);
  }
}
