import type { LogsOptions } from '../../api/client/containers.js';
import { watchContainers } from '../../compose/engine/monitor.js';
import { observeContainers } from '../../compose/state/observe.js';
import type { ObservedContainer } from '../../compose/state/observed.js';
import type { Stdio } from '../docker/stdio.js';
import { printLogs, shortName } from './follow-logs.js';
import { LogPrinter, type LogPrinterOptions } from './log-printer.js';
import { isTerminal, type ProgressChoice } from './open-progress.js';
import type { OpenProject } from './project-command.js';

export interface LogsRequest {
  readonly options: LogsOptions;
  /** Only the containers with this number. */
  readonly index: number | undefined;
  readonly printer: LogPrinterOptions;
  readonly ansi: ProgressChoice['ansi'];
  readonly stdio: Stdio;
}

/** One container after the other; with `follow` all at the same time, and those that are started later. */
export async function showProjectLogs(open: OpenProject, request: LogsRequest): Promise<void> {
  const { fleet, project, signal } = open;
  const { options, stdio } = request;
  const color = request.printer.color && isTerminal(stdio.stdout, request.ansi);
  const printer = new LogPrinter(stdio, { ...request.printer, color });
  const containers = (await observeContainers(fleet, project.name, signal)).filter(
    ({ service, oneOff, number }) =>
      !oneOff && open.services.includes(service) && (request.index === undefined || number === request.index),
  );
  for (const { name } of containers) printer.register(shortName(project.name, name));
  const print = (
    { machine, id, name }: Pick<ObservedContainer, 'machine' | 'id' | 'name'>,
    from: LogsOptions,
  ) =>
    printLogs(
      { client: fleet.client(machine), id, name: shortName(project.name, name) },
      from,
      printer,
      signal,
    );
  if (options.follow !== true) {
    for (const container of containers) await print(container, options);
    return;
  }
  await followAll(open, containers, options, print);
}

async function followAll(
  open: OpenProject,
  containers: readonly ObservedContainer[],
  options: LogsOptions,
  print: (container: Pick<ObservedContainer, 'machine' | 'id' | 'name'>, from: LogsOptions) => Promise<void>,
): Promise<void> {
  using monitor = await watchContainers(open.fleet, open.project.name, open.signal);
  const running = new Map<string, Promise<void>>();
  const ended = Promise.withResolvers<void>();
  const follow = (container: Pick<ObservedContainer, 'machine' | 'id' | 'name'>, from: LogsOptions) => {
    const work = print(container, from).then(
      () => {
        running.delete(container.id);
        if (running.size === 0) ended.resolve();
      },
      (error: unknown) => ended.reject(error),
    );
    running.set(container.id, work);
  };
  for (const container of containers) follow(container, options);
  if (running.size === 0) return;
  const later = async () => {
    for await (const event of monitor.events) {
      if (event.action !== 'start' || event.oneOff || !open.services.includes(event.service)) continue;
      if (!running.has(event.id))
        follow(event, { ...options, tail: 'all', since: secondsText(event.message.timeNano) });
    }
  };
  void later();
  await ended.promise;
}

function secondsText(nanoseconds: number): string {
  return (nanoseconds / 1e9).toFixed(9);
}
