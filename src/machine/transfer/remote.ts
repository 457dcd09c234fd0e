import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type TarEntry, toByteString } from '../../shared/tar/tar-entry.js';
import { TarParser } from '../../shared/tar/tar-parser.js';
import { tarEnd, tarHeader, tarPadding } from '../../shared/tar/tar-writer.js';
import { fragment, quote, rawCommand, type ShellCommand, sh } from '../../ssh/command.js';
import type { SshConnection, SshSession } from '../../ssh/transport.js';
import { isDirectory, nothingThere, transferFailed } from './errors.js';
import type { FoundSource, Item, Target, TargetKind } from './item.js';
import { locationText, nameOf, type RemoteLocation } from './location.js';

// The host needs a POSIX shell and any tar; what it sends is taken apart here, so that it cannot choose where it goes.

/** What the path and its wildcards mean there. Throws TRANSFER_FAILED when nothing matches. */
export async function remoteSources(
  connection: SshConnection,
  location: RemoteLocation,
  recursive: boolean,
  signal: AbortSignal,
): Promise<readonly FoundSource[]> {
  const script = sh`for f in ${fragment(pattern(location.path))}; do if [ -d "$f" ]; then printf 'd%s\\0' "$f"; elif [ -e "$f" ]; then printf 'f%s\\0' "$f"; fi; done`;
  const result = await connection.run(sh`sh -c ${script}`, { signal, timeoutMs: 60_000 });
  const found = result.stdout.split('\0').filter((line) => line !== '');
  if (found.length === 0) throw nothingThere(locationText(location));
  return found.map((line) => {
    const path = line.slice(1);
    if (line.startsWith('d') && !recursive) throw isDirectory(locationText({ ...location, path }));
    return remoteSource(connection, { ...location, path }, line.startsWith('d'));
  });
}

function remoteSource(connection: SshConnection, location: RemoteLocation, directory: boolean): FoundSource {
  const { path } = location;
  const command = directory
    ? sh`exec tar -chf - -C ${dashless(path)} .`
    : sh`exec tar -chf - -C ${dashless(posix.dirname(path))} ${`./${posix.basename(path)}`}`;
  return {
    name: nameOf(location),
    type: directory ? 'directory' : 'file',
    items: (signal) => received(connection, command, location, directory, signal),
  };
}

async function* received(
  connection: SshConnection,
  command: ShellCommand,
  location: RemoteLocation,
  directory: boolean,
  signal: AbortSignal,
): AsyncGenerator<Item> {
  const session = await connection.open(sh`LC_ALL=C sh -c ${command}`, { signal });
  const errors = collect(session.stderr);
  session.stdin.end();
  let items: Item[] = [];
  const parser = new TarParser({
    begin: (entry) => items.push(itemOf(entry, directory, location)),
    data: (chunk) => items.push(chunk),
    end: () => {},
  });
  // Not destroyed at its end, since the exit code comes behind it.
  for await (const chunk of session.stdout.iterator({ destroyOnReturn: false })) {
    parser.write(chunk);
    yield* items;
    items = [];
  }
  const code = await session.exited;
  signal.throwIfAborted();
  if (code !== 0) throw transferFailed(locationText(location), lastWords(errors(), code));
  parser.close();
}

/** Links were followed by tar; what is left is files, directories and names of one more file (hard links). */
function itemOf(entry: TarEntry, directory: boolean, location: RemoteLocation): Item {
  const below = (name: string) => (directory ? name.replace(/^\.\/?/, '').replace(/\/+$/, '') : '');
  const { type, mode, size } = entry;
  const head = { name: below(entry.name), mode: mode & 0o777, size };
  if (type === 'file' || type === 'directory') return { ...head, type };
  if (type === 'hard-link') return { ...head, type, target: below(entry.linkName) };
  throw transferFailed(`${locationText(location)}/${head.name}`, `it is a ${type}`);
}

export function remoteTarget(connection: SshConnection, location: RemoteLocation): Target {
  const path = assigned(location.path);
  return {
    async look(signal) {
      const script = sh`p=${fragment(path)}; if [ -d "$p" ]; then echo directory; elif [ -e "$p" ]; then echo file; elif [ -d "$(dirname "$p")" ]; then echo new; else echo none; fi`;
      const { stdout } = await connection.run(sh`sh -c ${script}`, { signal, timeoutMs: 60_000 });
      const kind = stdout.trim();
      if (!isTargetKind(kind)) throw nothingThere(locationText(location));
      return kind;
    },
    async receive(items, inside, signal) {
      const into =
        inside === undefined ? sh`p=${fragment(path)}; d=$(dirname "$p")` : sh`p=${fragment(path)}; d=$p`;
      const root = inside ?? posix.basename(location.path);
      // A new path is made by the name of what comes; an existing directory is filled.
      const script = sh`${fragment(into)}; exec tar -xf - -o -m -C "$d"`;
      const session = await connection.open(sh`LC_ALL=C sh -c ${script}`, { signal });
      await send(session, archive(items, root), location, signal);
    },
  };
}

function isTargetKind(text: string): text is TargetKind {
  return text === 'directory' || text === 'file' || text === 'new';
}

async function* archive(items: AsyncIterable<Item>, root: string): AsyncGenerator<Buffer> {
  const top = `./${toByteString(root)}`;
  let size = 0;
  for await (const item of items) {
    if (Buffer.isBuffer(item)) {
      yield item;
      continue;
    }
    yield tarPadding(size);
    const path = item.name === '' ? top : `${top}/${item.name}`;
    const name = item.type === 'directory' ? `${path}/` : path;
    const linkName = item.target === undefined ? '' : `${top}/${item.target}`;
    yield tarHeader({ ...item, name, linkName });
    size = item.size;
  }
  yield tarPadding(size);
  yield tarEnd;
}

async function send(
  session: SshSession,
  chunks: AsyncIterable<Buffer>,
  location: RemoteLocation,
  signal: AbortSignal,
): Promise<void> {
  const errors = collect(session.stderr);
  session.stdout.resume();
  const source = watched(chunks);
  const fed = pipeline(Readable.from(source.chunks, { objectMode: false }), session.stdin, { signal });
  const failure = fed.catch((error: unknown) => ({ error }));
  const code = await session.exited;
  const broken = await failure;
  signal.throwIfAborted();
  if (source.failure) throw source.failure.error;
  // A receiver that stopped early (disk full) has said why.
  if (code !== 0) throw transferFailed(locationText(location), lastWords(errors(), code));
  if (broken) throw broken.error;
}

interface Watched {
  readonly chunks: AsyncIterable<Buffer>;
  failure: { readonly error: unknown } | undefined;
}

/** Tells a source that failed from a receiver that did. */
function watched(chunks: AsyncIterable<Buffer>): Watched {
  const state: Watched = { chunks: pass(), failure: undefined };
  return state;
  async function* pass() {
    try {
      yield* chunks;
    } catch (error) {
      state.failure = { error };
      throw error;
    }
  }
}

function collect(stream: Readable): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text = `${text}${chunk}`.slice(-4096);
  });
  return () => text;
}

function lastWords(text: string, code: number): string {
  const lines = text.trim().split('\n');
  const telling = lines.find(
    (line) => line !== '' && !/exiting with failure|delayed from previous/i.test(line),
  );
  return telling?.replace(/^tar: /, '') || `tar ended with ${code} there`;
}

/** The path as a word of a shell, with its wildcards alive. */
function pattern(path: string): ShellCommand {
  return shellPath(path, /([*?]|\[[^\]/]+\])/);
}

/** The same for an assignment, where nothing is expanded but `~`. */
function assigned(path: string): ShellCommand {
  return shellPath(path, /(?!)/);
}

function shellPath(path: string, alive: RegExp): ShellCommand {
  const [home = ''] = /^~[\w.-]*(?=\/|$)/.exec(path) ?? [];
  const pieces = dashless(path.slice(home.length)).split(alive);
  const words = pieces.map((piece) => (piece === '' || alive.test(piece) ? piece : quote(piece)));
  return rawCommand(`${home}${words.join('')}` || quote('.'));
}

/** A name that looks like an option is none with a directory before it. */
function dashless(path: string): string {
  return path.startsWith('-') ? `./${path}` : path;
}
