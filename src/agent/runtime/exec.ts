import { closeSync, fchownSync, rmSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TerminalSize } from '../../shared/terminal-size.js';
import { makePipe } from '../kernel/descriptors.js';
import type { DirectoryWatch } from '../kernel/directory-watch.js';
import { pipeReader } from '../kernel/evented.js';
import { setTerminalSize } from '../kernel/libc.js';
import { reclaimNullDevice } from '../kernel/null-device.js';
import { exitOf, start } from '../kernel/spawn.js';
import { openTerminal } from '../kernel/terminal.js';
import { hostOwnerOrNobody } from '../userns/id-map.js';
import { ConsoleSocket } from './console-socket.js';
import { readNumber, readText } from './container-files.js';
import { launchFailed } from './errors.js';
import { loggedError, type OciCommand } from './oci-command.js';
import type { Attachment, ExecRequest, ExecSession } from './runtime.js';
import { outputOf } from './socket-output.js';
import type { OciProcess } from './spec/oci.js';
import { serialiseOci } from './spec/serialise.js';
import { TerminalSession } from './terminal-session.js';

export interface ExecOptions {
  readonly runtimeName: string;
  readonly command: OciCommand;
  /** Where process files, pid files and console sockets lie for a moment; watched by `watch`. */
  readonly directory: string;
  readonly watch: DirectoryWatch;
}

/** Runs `crun exec` as a child of the agent. Throws what `launchFailed` says. */
export async function execInContainer(request: ExecRequest, options: ExecOptions): Promise<ExecSession> {
  const files = execFiles(request.execId, options.directory);
  // The directory is on a tmpfs: these calls wait for nothing, and the thread pool's turns would take longer.
  writeFileSync(files.process, serialiseOci(sized(request)), { mode: 0o600 });
  try {
    if (!request.process.terminal) return await execWithPipes(request, options, files);
    if (options.runtimeName === 'runc') return await execOnOwnTerminal(request, options, files);
    return await execWithTerminal(request, options, files);
  } finally {
    reclaimNullDevice();
    for (const file of Object.values(files)) rmSync(file, { force: true });
  }
}

/** So that the process never sees a terminal without a size. */
function sized({ process, size }: ExecRequest): OciProcess {
  if (!process.terminal || !size) return process;
  return { ...process, consoleSize: { height: size.rows, width: size.columns } };
}

interface ExecFiles {
  readonly process: string;
  readonly pid: string;
  readonly log: string;
  readonly console: string;
}

/** Short names: an address of a Unix socket holds 107 bytes. */
function execFiles(execId: string, directory: string): ExecFiles {
  const name = (suffix: string) => join(directory, `${execId.slice(0, 32)}.${suffix}`);
  return { process: name('json'), pid: name('pid'), log: name('log'), console: name('tty') };
}

async function execWithPipes(
  request: ExecRequest,
  options: ExecOptions,
  files: ExecFiles,
): Promise<ExecSession> {
  const pipes = [makePipe(), makePipe(), makePipe()] as const;
  const [input, output, errors] = pipes;
  giveTo(request, [input.read, output.write, errors.write]);
  const { exited } = runExec(request, options, files, { stdio: [input.read, output.write, errors.write] });
  for (const fd of [input.read, output.write, errors.write]) closeSync(fd);
  const attachment = pipeAttachment(input.write, output.read, errors.read);
  if (!request.openStdin) attachment.stdin.end();
  try {
    const pid = await started(request, options, files, exited);
    closeAfter(exited, attachment);
    return { pid, attachment, resize: () => {}, exited };
  } catch (error) {
    attachment.close();
    throw error;
  }
}

/** So that it can open /dev/stdout. In the host's user namespace the runtime does it, from another it cannot. */
function giveTo({ idMap, process }: ExecRequest, fds: readonly number[]): void {
  if (!idMap) return;
  const { uid, gid } = hostOwnerOrNobody(idMap, process.user);
  for (const fd of fds) fchownSync(fd, uid, gid);
}

function pipeAttachment(input: number, output: number, errors: number): Attachment {
  const stdin = new Socket({ fd: input, readable: false, writable: true });
  stdin.on('error', () => {}); // the process may end before it has read its input
  const stdout = outputOf((receive) => pipeReader(output, receive));
  const stderr = outputOf((receive) => pipeReader(errors, receive));
  return {
    stdin,
    stdout: stdout.output,
    stderr: stderr.output,
    close: () => {
      for (const socket of [stdin, stdout.socket, stderr.socket]) socket.destroy();
    },
  };
}

/** crun hands out the terminal that it makes. */
async function execWithTerminal(
  request: ExecRequest,
  options: ExecOptions,
  files: ExecFiles,
): Promise<ExecSession> {
  await using console = await ConsoleSocket.listen(files.console);
  const { exited } = runExec(request, options, files, {
    stdio: ['ignore', 'ignore', 'ignore'],
    args: ['--console-socket', files.console],
  });
  // The terminal comes before the pid; when the runtime fails neither does.
  const terminal = console.receive(request.size).then((fd) => new TerminalSession(fd));
  terminal.catch(() => {});
  const pid = await started(request, options, files, exited);
  const session = await terminal;
  closeAfter(exited, session);
  return { pid, attachment: session, resize: (size) => session.resize(size), exited };
}

/** runc does that only with --detach, which loses the exit code; so it copies to and from a terminal of ours. */
async function execOnOwnTerminal(
  request: ExecRequest,
  options: ExecOptions,
  files: ExecFiles,
): Promise<ExecSession> {
  const { master, slave } = openTerminal();
  if (request.size) setTerminalSize(master, request.size);
  const { child, exited } = runExec(request, options, files, { stdio: [slave, slave, 'ignore'] });
  closeSync(slave);
  const session = new TerminalSession(master);
  const resize = (size: TerminalSize) => {
    session.resize(size);
    child.kill('SIGWINCH'); // it is not its controlling terminal, so the kernel does not tell
  };
  try {
    const pid = await started(request, options, files, exited);
    closeAfter(exited, session);
    return { pid, attachment: session, resize, exited };
  } catch (error) {
    session.close();
    throw error;
  }
}

interface RunOptions {
  readonly stdio: readonly (number | 'ignore')[];
  readonly args?: readonly string[];
}

/** `exited` resolves with the exit code of the runtime, which is that of the process. */
function runExec(
  { containerId }: ExecRequest,
  { command }: ExecOptions,
  files: ExecFiles,
  { stdio, args = [] }: RunOptions,
): { readonly child: ReturnType<typeof start>; readonly exited: Promise<number> } {
  const globals = ['--log-format=json', '--log', files.log];
  const argv = [
    ...command.argv(globals),
    ...['exec', '--process', files.process, '--pid-file', files.pid, ...args, containerId],
  ];
  const child = start(argv, { stdio: [...stdio], detached: true });
  // Only SIGKILL ends the runtime itself.
  return { child, exited: exitOf(child, argv).then((code) => code ?? 128 + 9) };
}

/** The pid, which the runtime writes once the process has been started; or an error when the runtime ends first. */
async function started(
  request: ExecRequest,
  { runtimeName, watch }: ExecOptions,
  files: ExecFiles,
  exited: Promise<number>,
): Promise<number> {
  const settled = new AbortController();
  const name = files.pid.slice(files.pid.lastIndexOf('/') + 1);
  const written = watch.until(name, () => readNumber(files.pid), settled.signal);
  try {
    const pid = await Promise.race([written, exited.then(() => readNumber(files.pid))]);
    if (pid !== undefined) return pid;
  } finally {
    settled.abort();
    written.catch(() => {});
  }
  const words = loggedError(readText(files.log) ?? '') || `exit status ${await exited}`;
  const executable = request.process.args[0] ?? '';
  throw launchFailed({ action: 'exec', runtime: runtimeName, executable, words });
}

/**
 * Output ends when its last writer closes it. A process left in the background may keep it open: Docker gives it
 * two seconds after the exec has ended (moby daemon/monitor.go).
 */
function closeAfter(exited: Promise<number>, attachment: Attachment): void {
  const ended = Promise.all([attachment.stdout, attachment.stderr].map(endOf));
  exited
    .then(() => Promise.race([ended, delay(2000, undefined, { ref: false })]))
    .then(() => attachment.close())
    .catch(() => {});
}

async function endOf(stream: NodeJS.ReadableStream): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.once('close', resolve);
  stream.once('end', resolve);
  await promise;
}
