import type { Duplex, Readable, Writable } from 'node:stream';
import type { TerminalSize } from '../../shared/terminal-size.js';
import type { IdMap, Owner } from '../userns/id-map.js';
import type { CgroupUsage } from './cgroup/usage.js';
import type { OciProcess, OciResources } from './spec/oci.js';

/** How a container's first process ended. */
export interface ExitStatus {
  /** 0–255; 128 + n when signal n ended it. */
  readonly code: number;
  /** When the monitor saw it, milliseconds since the epoch. */
  readonly at: number;
  /** The kernel killed a process of the container for want of memory. */
  readonly oomKilled: boolean;
}

export interface LaunchRequest {
  readonly id: string;
  /** One of the runtime's `programs`; undefined for the default. */
  readonly program?: string | undefined;
  /** Directory with the OCI `config.json`. */
  readonly bundle: string;
  /** Where the monitor writes the log; undefined for no log. See `logs/`. */
  readonly logPath: string | undefined;
  readonly terminal: boolean;
  /** Whether the process has a stdin that clients can attach to. */
  readonly openStdin: boolean;
  /** Docker's StdinOnce: the container's stdin is closed when the attached client's input ends. */
  readonly stdinOnce: boolean;
  /** The host's owner of what its user has, where that is in another user namespace. */
  readonly stdioOwner?: Owner | undefined;
}

/**
 * A connection to the stdio of a running container.
 *
 * With a terminal all output is on `stdout`. `stdin.end()` half-closes: output goes on until the process ends.
 * `stdout` and `stderr` end after everything the process wrote has been delivered.
 */
export interface Attachment {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  close(): void;
}

export interface ExecRequest {
  readonly containerId: string;
  readonly execId: string;
  readonly process: OciProcess;
  readonly openStdin: boolean;
  /** Of the container's user namespace, if it has one. */
  readonly idMap?: IdMap | undefined;
  /** The first size of the terminal, where `process.terminal` is set. */
  readonly size?: TerminalSize | undefined;
}

/** An additional process in a running container. It ends with the agent; Docker's do with dockerd. */
export interface ExecSession {
  /** In the host's pid namespace. */
  readonly pid: number;
  readonly attachment: Attachment;
  resize(size: TerminalSize): void;
  /** The exit code; 128 + n when signal n ended it. */
  readonly exited: Promise<number>;
}

/**
 * The life of a container's processes, as one OCI runtime (crun or runc) under one monitor process per container
 * (conmon) gives it. The monitor owns stdio, terminal, log and exit status, so that containers live on when the
 * agent stops, crashes or is upgraded; the agent never is a container's parent.
 *
 * It keeps no policy: whether pausing a paused container is an error is the engine's to say. All methods throw
 * RUNTIME_FAILED with the runtime's own words in the message, EXECUTABLE_NOT_FOUND or EXECUTABLE_NOT_RUNNABLE
 * (Docker's 127 and 126) where the container's command is at fault.
 */
export interface ContainerRuntime {
  /** "crun", "runc": the default of `programs`. */
  readonly name: string;
  /** What containers can be made with: name → path of the program. */
  readonly programs: ReadonlyMap<string, string>;
  version(): Promise<string>;
  /**
   * Makes the container: namespaces, cgroup and mounts exist and its first process waits for `start`; the attach
   * socket accepts connections. Nothing remains when it throws. Answers the pid on the host.
   */
  create(request: LaunchRequest): Promise<number>;
  start(id: string): Promise<void>;
  /** Whether its first process still waits for `start`. */
  isWaiting(id: string): Promise<boolean>;
  /** By number; `all` reaches every process in the container's cgroup. Succeeds when it has already ended. */
  kill(id: string, signal: number, options?: { readonly all: boolean }): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** Frees namespaces, cgroup and runtime state of a container that has ended; with `force`, kills it first. */
  delete(id: string, options?: { readonly force: boolean }): Promise<void>;
  attach(id: string): Promise<Attachment>;
  resize(id: string, size: TerminalSize): Promise<void>;
  exec(request: ExecRequest): Promise<ExecSession>;
  /** Makes the monitor go on in a new log file at `logPath`, where there is none now; resolves when it does. */
  reopenLog(id: string, logPath: string): Promise<void>;
  /** Sets limits of a container that runs; what `resources` leaves out stays. */
  update(id: string, resources: OciResources): Promise<void>;
  /** What its control group has used; undefined for a container that this runtime does not have. */
  usage(id: string): Promise<CgroupUsage | undefined>;
  /** The pids on the host of all its processes, those of execs too. Empty when it does not run. */
  processes(id: string): Promise<readonly number[]>;
  /** Resolves when the kernel has killed a process of it for want of memory. Rejects on abort. */
  outOfMemory(id: string, signal: AbortSignal): Promise<void>;
  /**
   * Resolves when the container's first process has ended and its output is completely in the log, also for a
   * container that an earlier agent created. Resolves with undefined when it is gone without trace (a reboot).
   */
  exited(id: string): Promise<ExitStatus | undefined>;
  /** The pid of a container that an earlier agent created, or undefined when it does not run any more. */
  find(id: string): Promise<number | undefined>;
  /** Forgets the monitor's files of a container that has ended. */
  forget(id: string): Promise<void>;
}

/** Both directions of a hijacked HTTP connection. */
export type ClientConnection = Duplex;
