import { chownSync, closeSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { makePipe } from '../kernel/descriptors.js';
import { reclaimNullDevice } from '../kernel/null-device.js';
import { commandLine, readProcess } from '../kernel/processes.js';
import { exitOf, run, start } from '../kernel/spawn.js';
import type { Owner } from '../userns/id-map.js';
import { type ContainerFiles, readText } from './container-files.js';
import { launchFailed } from './errors.js';
import { lastWords, loggedError, type OciCommand } from './oci-command.js';
import type { LaunchRequest } from './runtime.js';
import { endWhenStuck, LONGEST_LAUNCH_MS } from './stuck-launch.js';

export interface MonitorOptions {
  /** Path of conmon. */
  readonly path: string;
  readonly stateRoot: string;
  readonly runtimeName: string;
  readonly command: OciCommand;
}

/** Starts conmon (https://github.com/containers/conmon), one process per container, which nobody's child is. */
export class Monitor {
  readonly #options: MonitorOptions;
  #features: Promise<string> | undefined;

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  /**
   * Makes the container and answers its pid. `processes` are those of its cgroup. Throws what `launchFailed` says; the
   * caller cleans up.
   */
  async launch(
    request: LaunchRequest,
    files: ContainerFiles,
    processes: () => Promise<readonly number[]>,
  ): Promise<number> {
    try {
      return await this.#launch(request, files, processes);
    } finally {
      reclaimNullDevice(); // conmon gives it to who has no input
    }
  }

  async #launch(
    request: LaunchRequest,
    files: ContainerFiles,
    processes: () => Promise<readonly number[]>,
  ): Promise<number> {
    const argv = await this.#argv(request, files);
    await using log = await open(files.monitorLog, 'w', 0o600);
    const sync = makePipe();
    const child = start(argv, {
      stdio: ['ignore', 'ignore', log.fd, sync.write],
      cwd: files.directory, // where it makes the file "oom"
      detached: true,
      env: { PATH: process.env['PATH'], _OCI_SYNCPIPE: '3' },
      signal: AbortSignal.timeout(LONGEST_LAUNCH_MS),
    });
    closeSync(sync.write);
    // The exit code does not matter: only the report says whether the container is there.
    const ended = exitOf(child, argv);
    ended.catch(() => {});
    const report = await this.#reported(request.id, files, sync.read, processes);
    if (report.pid > 0) {
      if (request.stdioOwner) giveStdio(report.pid, request.stdioOwner);
      return report.pid;
    }
    await ended;
    throw launchFailed({
      action: 'create',
      runtime: this.#options.runtimeName,
      executable: files.spec()?.process.args[0] ?? '',
      words: await wordsOf(files, report.message),
    });
  }

  async #reported(
    id: string,
    files: ContainerFiles,
    pipe: number,
    processes: () => Promise<readonly number[]>,
  ): Promise<Report> {
    const settled = new AbortController();
    const launch = { monitor: () => this.running(id, files), processes };
    endWhenStuck(launch, settled.signal);
    try {
      return await readReport(new Socket({ fd: pipe, readable: true, writable: false }));
    } finally {
      settled.abort();
    }
  }

  /** The pid of the container's first process if it runs and is this container's. */
  find(id: string, files: ContainerFiles): number | undefined {
    const pid = files.pid();
    const monitor = this.running(id, files);
    if (pid === undefined || monitor === undefined) return undefined;
    const status = readProcess(pid);
    return status && status.parent === monitor && status.state !== 'Z' ? pid : undefined;
  }

  /** The monitor's pid, unless it has ended and the pid is free or another's. */
  running(id: string, files: ContainerFiles): number | undefined {
    const pid = files.monitorPid();
    return pid !== undefined && commandLine(pid).includes(id) ? pid : undefined;
  }

  async #argv(request: LaunchRequest, files: ContainerFiles): Promise<string[]> {
    const { path, stateRoot, command } = this.#options;
    const [runtime = '', ...runtimeArgs] = command.argv(['--log-format=json', '--log', files.runtimeLog]);
    const features = await this.#supported();
    return [
      path,
      ...['-c', request.id, '-u', request.id, '-n', request.id],
      ...['-r', runtime, ...runtimeArgs.flatMap((argument) => ['--runtime-arg', argument])],
      ...['-b', files.directory, '-p', files.pidFile, '-P', files.monitorPidFile],
      ...['--exit-dir', `${stateRoot}/exits`, '--socket-dir-path', `${stateRoot}/sockets`],
      ...['-l', request.logPath === undefined ? 'none' : `k8s-file:${request.logPath}`],
      // Syncing the log when a container ends delays the news by a disk write.
      ...(features.includes('--no-sync-log') ? ['--no-sync-log'] : []),
      ...(features.includes('--persist-dir') ? ['--persist-dir', files.directory] : []),
      ...(request.terminal ? ['-t'] : []),
      ...(request.openStdin ? ['-i'] : []),
      // A terminal's input has no end, and a client that detaches must not take the terminal away.
      ...(request.stdinOnce && !request.terminal ? [] : ['--leave-stdin-open']),
    ];
  }

  /** conmon's help text: distributions carry releases from 2.0.25 on, which lack some options. */
  #supported(): Promise<string> {
    this.#features ??= run([this.#options.path, '--help'], { timeoutMs: 10_000 }).then(
      ({ stdout }) => stdout,
    );
    return this.#features;
  }
}

/**
 * Its pipes, so that it can open /dev/stdout: from another user namespace than the host's runc and crun before 1.7 cannot
 * do it. It still waits for its start.
 */
function giveStdio(pid: number, { uid, gid }: Owner): void {
  for (const fd of [0, 1, 2]) {
    const path = `/proc/${pid}/fd/${fd}`;
    if (statSync(path, { throwIfNoEntry: false })?.isFIFO()) chownSync(path, uid, gid);
  }
}

interface Report {
  /** Negative when the runtime failed. */
  readonly pid: number;
  readonly message: string;
}

/** conmon's first line on the sync pipe: `{"data": 123}`, before API version 1 `{"pid": 123}`. */
async function readReport(pipe: Readable): Promise<Report> {
  pipe.on('error', () => {});
  try {
    for await (const line of createInterface({ input: pipe })) {
      const { data, pid, message } = JSON.parse(line) as { data?: number; pid?: number; message?: string };
      return { pid: data ?? pid ?? -1, message: message ?? '' };
    }
    return { pid: -1, message: '' };
  } finally {
    pipe.destroy();
  }
}

async function wordsOf(files: ContainerFiles, message: string): Promise<string> {
  return (
    loggedError(readText(files.runtimeLog) ?? '') ||
    lastWords(message) ||
    lastWords(readText(files.monitorLog) ?? '') ||
    'the monitor ended without a word'
  );
}
