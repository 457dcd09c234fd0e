/** The type and the special bits of Go's os.FileMode, which fsutil sends. */
const go = {
  directory: 0x8000_0000,
  symlink: 0x0800_0000,
  device: 0x0400_0000,
  fifo: 0x0200_0000,
  socket: 0x0100_0000,
  setuid: 0x0080_0000,
  setgid: 0x0040_0000,
  charDevice: 0x0020_0000,
  sticky: 0x0010_0000,
  irregular: 0x0008_0000,
} as const;

export type SentType = 'file' | 'directory' | 'symlink' | 'fifo' | 'other';

export function sentType(mode: number): SentType {
  if (has(mode, go.directory)) return 'directory';
  if (has(mode, go.symlink)) return 'symlink';
  if (has(mode, go.fifo)) return 'fifo';
  return has(mode, go.device) || has(mode, go.socket) || has(mode, go.irregular) ? 'other' : 'file';
}

/** The twelve bits of chmod(2). */
export function permissions(mode: number): number {
  const special = (has(mode, go.setuid) ? 0o4000 : 0) + (has(mode, go.setgid) ? 0o2000 : 0);
  return (mode & 0o777) + special + (has(mode, go.sticky) ? 0o1000 : 0);
}

/** For a mode of lstat(2). */
export function goFileMode(mode: number): number {
  const special =
    (mode & 0o4000 ? go.setuid : 0) + (mode & 0o2000 ? go.setgid : 0) + (mode & 0o1000 ? go.sticky : 0);
  return (mode & 0o777) + special + (types.get(mode & 0o170000) ?? 0);
}

const types: ReadonlyMap<number, number> = new Map([
  [0o040000, go.directory],
  [0o120000, go.symlink],
  [0o010000, go.fifo],
  [0o140000, go.socket],
  [0o060000, go.device],
  [0o020000, go.device + go.charDevice],
]);

function has(mode: number, bit: number): boolean {
  return (mode & bit) !== 0;
}
