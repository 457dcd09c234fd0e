import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { goFileMode } from '../../../buildkit/go-file-mode.js';
import { type FileStat, packetType } from '../../../buildkit/wire/session.js';
import {
  type ByteString,
  byteStringPath,
  byteStringText,
  toByteString,
} from '../../../shared/tar/tar-entry.js';
import { syncFailed } from '../errors.js';
import type { PacketStream } from './receive-files.js';

/**
 * The sender of fsutil's protocol: tells the other side of each file below a directory, in the order of their names,
 * and sends those that it asks for. `progress` is told all bytes so far. Throws FILE_SYNC_FAILED.
 */
export async function sendFiles(
  stream: PacketStream,
  root: string,
  progress: (bytes: number) => void,
): Promise<void> {
  const files: ByteString[] = [];
  const telling = tellAll(stream, toByteString(root), files);
  telling.catch(() => {}); // awaited below
  let bytes = 0;
  for await (const packet of stream.responses) {
    if (packet.type === packetType.error) throw syncFailed(Buffer.from(packet.data).toString());
    if (packet.type === packetType.finished) break;
    if (packet.type !== packetType.request) continue;
    const at = files[packet.ID];
    if (at === undefined)
      throw syncFailed(`the client asked for file ${packet.ID}, which it was not told of`);
    for (const data of pieces(at)) {
      await stream.send({ type: packetType.data, ID: packet.ID, data });
      bytes += data.length;
      progress(bytes);
    }
    await stream.send({ type: packetType.data, ID: packet.ID });
  }
  await telling;
  await stream.send({ type: packetType.finished });
  stream.end();
}

async function tellAll(stream: PacketStream, root: ByteString, files: ByteString[]): Promise<void> {
  for (const { at, stat } of walk(root, '', new Map())) {
    files.push(at);
    await stream.send({ type: packetType.stat, stat });
    if (files.length % 256 === 0) await setImmediate();
  }
  await stream.send({ type: packetType.stat });
}

/** `seen` are files with several names, by device and inode: they are sent once. */
function* walk(
  root: ByteString,
  directory: string,
  seen: Map<string, string>,
): Generator<{ at: ByteString; stat: FileStat }> {
  const names = readdirSync(byteStringPath(`${root}/${toByteString(directory)}`), { encoding: 'latin1' });
  for (const name of names.sort((a, b) => (a < b ? -1 : 1))) {
    const path = directory === '' ? byteStringText(name) : `${directory}/${byteStringText(name)}`;
    const at = `${root}/${toByteString(path)}`;
    const stat = statOf(path, at, seen);
    if (!stat) continue; // a name that is no UTF-8, which the protocol cannot say
    yield { at, stat };
    if (stat.mode >= 0x8000_0000) yield* walk(root, path, seen);
  }
}

function statOf(path: string, at: ByteString, seen: Map<string, string>): FileStat | undefined {
  const place = byteStringPath(at);
  const found = lstatSync(place, { bigint: true, throwIfNoEntry: false });
  if (!found) return undefined;
  const inode = `${found.dev}:${found.ino}`;
  const first = found.isFile() && found.nlink > 1n ? seen.get(inode) : undefined;
  if (first === undefined) seen.set(inode, path);
  return {
    ...{ path, mode: goFileMode(Number(found.mode)), uid: Number(found.uid), gid: Number(found.gid) },
    size: found.isFile() ? Number(found.size) : 0,
    modTime: found.mtimeNs,
    linkname: found.isSymbolicLink() ? readlinkSync(place) : (first ?? ''),
    ...{ devmajor: 0, devminor: 0, xattrs: new Map() },
  };
}

function* pieces(at: ByteString): Generator<Buffer> {
  const fd = openSync(byteStringPath(at), 'r');
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(32 * 1024);
      const length = readSync(fd, piece);
      if (length === 0) return;
      yield piece.subarray(0, length);
    }
  } finally {
    closeSync(fd);
  }
}
