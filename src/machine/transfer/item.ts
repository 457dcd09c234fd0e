import type { ByteString } from '../../shared/tar/tar-entry.js';

/** What travels: a file or directory, then the content of a file in pieces that make up its size exactly. */
export type Item = ItemHead | Buffer;

export interface ItemHead {
  /** A hard link is one more name of a file that came before. */
  readonly type: 'file' | 'directory' | 'hard-link';
  /** Below what is copied, parts separated by "/"; empty for itself. */
  readonly name: ByteString;
  /** Permission bits. */
  readonly mode: number;
  readonly size: number;
  /** Of a hard link: the name of that file. */
  readonly target?: ByteString;
}

/** Something to copy, found at a source; links were followed. */
export interface FoundSource {
  /** The last part of its path; empty where its content is meant (`.`). */
  readonly name: string;
  readonly type: 'file' | 'directory';
  /** Throws TRANSFER_FAILED. */
  items(signal: AbortSignal): AsyncIterable<Item>;
}

export type TargetKind = 'directory' | 'file' | 'new';

/** Where a copy goes. */
export interface Target {
  /** What is there now. Throws TRANSFER_FAILED where not even the directory for it is. */
  look(signal: AbortSignal): Promise<TargetKind>;
  /** Puts the items there under this name in the directory, or with no name at the path itself. */
  receive(items: AsyncIterable<Item>, inside: string | undefined, signal: AbortSignal): Promise<void>;
}
