import type { FileStat } from '../../buildkit/wire/session.js';

/** Which files of a directory the builder wants; patterns as in .dockerignore. Empty lists do not choose. */
export interface SyncRequest {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Nothing but these, what they lead to by links, and what is below. */
  readonly follow: readonly string[];
}

export interface SyncedFile {
  readonly stat: FileStat;
  /** Throws BUILD_CONTEXT_UNREADABLE, BUILD_CONTEXT_CHANGED. */
  content(): AsyncIterable<Uint8Array>;
}

/** A directory that the builder may take files from, each behind the directories that it is in, by name. */
export interface SyncSource {
  files(request: SyncRequest): AsyncIterable<SyncedFile>;
}
