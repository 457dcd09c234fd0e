import { fragment, type ShellCommand, sh } from '../ssh/command.js';
import type { SshCommandResult } from '../ssh/transport.js';
import type { BundleFile, NodeBinary } from './agent-bundle.js';
import { noSpace, remoteCommandFailed, transferDamaged } from './errors.js';
import { hostPaths } from './host-paths.js';
import type { RootShell } from './root-shell.js';

export interface HostFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

const damaged = 91;
const transferTimeout = 30 * 60 * 1000;

/**
 * Writes small files, each atomically, in one round trip. Their content travels on standard input only; what a
 * broken connection cuts short is not put in place.
 */
export async function installFiles(root: RootShell, files: readonly HostFile[]): Promise<void> {
  if (files.length === 0) return;
  const contents = files.map(({ content }) => Buffer.from(content));
  const commands = files.map((file, index) => writeFile(file, contents[index]?.length ?? 0));
  const script = sh`set -e; umask 077; ${fragment(joined(commands))}`;
  const result = await root.run(script, { input: Buffer.concat(contents) });
  if (result.code !== 0) throw failure('writing the configuration', hostPaths.configuration, result);
}

/** Sends the Node binary compressed; it becomes visible under its digest only when it arrived intact. */
export async function installNode(root: RootShell, node: NodeBinary, directory: string): Promise<void> {
  const receive = sh`gzip -dc > node; [ "$(sha256sum < node | cut -c 1-64)" = ${node.digest} ] || exit ${damaged}; chmod 755 node`;
  await installProgram(root, directory, receive, node.open(), node.size);
}

/** Sends the agent's files; they become visible together. */
export async function installAgent(
  root: RootShell,
  files: readonly BundleFile[],
  directory: string,
): Promise<void> {
  const receive = files.map(
    ({ name, content, digest }) =>
      sh`${fragment(take(content.length))} > ${name}; [ "$(sha256sum < ${name} | cut -c 1-64)" = ${digest} ] || exit ${damaged}; chmod 644 ${name}`,
  );
  const input = Buffer.concat(files.map(({ content }) => content));
  await installProgram(root, directory, joined(receive), input, input.length);
}

type Input = Parameters<RootShell['run']>[1] extends infer O
  ? NonNullable<O extends { input?: infer I } ? I : never>
  : never;

async function installProgram(
  root: RootShell,
  directory: string,
  receive: ShellCommand,
  input: Input,
  size: number,
): Promise<void> {
  // What an earlier, cut transfer left is removed first; one command per machine holds its lock.
  const script = sh`set -e; umask 022; rm -rf ${directory}.incoming; mkdir -p ${directory}.incoming; cd ${directory}.incoming; trap 'cd /; rm -rf '${directory}.incoming EXIT; ${fragment(receive)}; cd /; rm -rf ${directory}; mv ${directory}.incoming ${directory}; sync -f ${directory} 2>/dev/null || sync`;
  const result = await root.run(script, { input, timeoutMs: transferTimeout });
  if (result.code === damaged && !/no space/i.test(result.stderr)) throw transferDamaged(directory);
  if (result.code !== 0) throw failure('receiving the agent', hostPaths.programs, result, size);
}

function writeFile({ path, mode }: HostFile, length: number): ShellCommand {
  const directory = path.slice(0, path.lastIndexOf('/'));
  const octal = mode.toString(8);
  return sh`(umask 022; mkdir -p ${directory}); ${fragment(take(length))} > ${path}.new; [ "$(wc -c < ${path}.new)" -eq ${length} ] || exit ${damaged}; chmod ${octal} ${path}.new; mv ${path}.new ${path}`;
}

/** Copies so many bytes of standard input and not one more; busybox's head reads ahead. */
function take(length: number): ShellCommand {
  return length === 0 ? sh`:` : sh`dd bs=${length} count=1 iflag=fullblock 2>/dev/null`;
}

function joined(commands: readonly ShellCommand[]): ShellCommand {
  return commands.reduce((all, command) => sh`${fragment(all)}; ${fragment(command)}`);
}

function failure(what: string, path: string, result: SshCommandResult, needed = 0): Error {
  if (/no space left on device/i.test(result.stderr)) return noSpace(path, needed);
  return remoteCommandFailed(what, result);
}
