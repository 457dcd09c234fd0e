/**
 * The agent's own end points for whole volumes, which Docker Engine does not have:
 *
 *     GET  /tsmachine/volumes/NAME/manifest?digests=1   VolumeEntry, one JSON a line
 *     GET  /tsmachine/volumes/NAME/archive              a tar of everything
 *     POST /tsmachine/volumes/NAME/archive              a tar of the paths in the body, one JSON text a line
 *     PUT  /tsmachine/volumes/NAME/archive?create=1     unpacks a tar; answers VolumeImport; with &whole=1 a new
 *                                                       volume is made of all of it, or not at all
 *     POST /tsmachine/volumes/NAME/removals             removes the paths in the body
 *
 * An archive is followed by the trailer `digestTrailer`: the SHA-256 of its bytes in hex.
 */
export const digestTrailer = 'x-tsmachine-digest';

/** A file of a volume. Names are byte strings: each character is one byte. */
export interface VolumeEntry {
  /** Relative; empty for the volume's own directory. */
  readonly path: string;
  readonly type:
    | 'file'
    | 'directory'
    | 'symlink'
    | 'hard-link'
    | 'fifo'
    | 'character-device'
    | 'block-device';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Nanoseconds since the epoch. */
  readonly mtime: string;
  /** Where a symbolic link leads to; the first name of a file with several; "major:minor" of a device. */
  readonly link?: string;
  /** A digest of the extended attributes, where there are any. */
  readonly xattrs?: string;
  /** SHA-256 of a file's content in hex, when it was asked for. */
  readonly sha256?: string;
}

export interface VolumeImport {
  /** SHA-256 of the archive's bytes in hex, as they arrived. */
  readonly Digest: string;
  readonly Entries: number;
}
