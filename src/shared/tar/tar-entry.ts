/**
 * Names, link targets and extended attribute names are byte strings: every character is one byte of the archive
 * (latin1), because a name in a tar archive need not be UTF-8. `byteStringText` shows one to people,
 * `byteStringPath` makes a path for node:fs of one.
 */
export type ByteString = string;

export type TarEntryType =
  | 'file'
  | 'hard-link'
  | 'symlink'
  | 'character-device'
  | 'block-device'
  | 'directory'
  | 'fifo';

/** One member of an archive, its extended headers already applied. */
export interface TarEntry {
  readonly type: TarEntryType;
  readonly name: ByteString;
  /** Target of a link; empty for other types. */
  readonly linkName: ByteString;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content that follow; 0 for all but files. */
  readonly size: number;
  /** Nanoseconds since the epoch. */
  readonly mtime: bigint;
  readonly major: number;
  readonly minor: number;
  /** From SCHILY.xattr.*; undefined when there is none. */
  readonly xattrs: ReadonlyMap<ByteString, Buffer> | undefined;
}

const nonAscii = /[\u0080-\u00ff]/;

/** For messages: the name as UTF-8, with a replacement character for what is not. */
export function byteStringText(bytes: ByteString): string {
  return nonAscii.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}

/** For system calls: exactly the bytes. */
export function byteStringPath(bytes: ByteString): string | Buffer {
  return nonAscii.test(bytes) ? Buffer.from(bytes, 'latin1') : bytes;
}

export function toByteString(text: string): ByteString {
  return Buffer.from(text, 'utf8').toString('latin1');
}
