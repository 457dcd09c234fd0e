import { MS } from '../kernel/libc.js';

/** What mount(2) is called with; a propagation needs a call of its own. */
export interface MountCall {
  readonly flags: number;
  readonly propagation: number;
  readonly data: string;
}

/** "rw,bind,size=1g" as mount(8) has it: names of flags and of propagations, the rest is for the file system. */
export function parseMountOptions(options: string): MountCall {
  let [flags, propagation] = [0, 0];
  const data: string[] = [];
  for (const option of options.split(',').filter((each) => each !== '' && each !== 'defaults')) {
    const [set, cleared] = [flagNames.get(option), opposites.get(option)];
    const spreads = propagations.get(option);
    if (set !== undefined) flags |= set;
    else if (cleared !== undefined) flags &= ~cleared;
    else if (spreads !== undefined) propagation = spreads;
    else data.push(option);
  }
  return { flags, propagation, data: data.join(',') };
}

const flagNames: ReadonlyMap<string, number> = new Map([
  ['ro', MS.RDONLY],
  ['nosuid', MS.NOSUID],
  ['nodev', MS.NODEV],
  ['noexec', MS.NOEXEC],
  ['sync', MS.SYNCHRONOUS],
  ['remount', MS.REMOUNT],
  ['noatime', MS.NOATIME],
  ['nodiratime', MS.NODIRATIME],
  ['relatime', MS.RELATIME],
  ['strictatime', MS.STRICTATIME],
  ['bind', MS.BIND],
  ['rbind', MS.BIND | MS.REC],
]);

/** Names that take a flag back. */
const opposites: ReadonlyMap<string, number> = new Map([
  ['rw', MS.RDONLY],
  ['suid', MS.NOSUID],
  ['dev', MS.NODEV],
  ['exec', MS.NOEXEC],
  ['async', MS.SYNCHRONOUS],
  ['atime', MS.NOATIME],
  ['diratime', MS.NODIRATIME],
]);

const propagations: ReadonlyMap<string, number> = new Map([
  ['private', MS.PRIVATE],
  ['rprivate', MS.PRIVATE | MS.REC],
  ['shared', MS.SHARED],
  ['rshared', MS.SHARED | MS.REC],
  ['slave', MS.SLAVE],
  ['rslave', MS.SLAVE | MS.REC],
  ['unbindable', MS.UNBINDABLE],
  ['runbindable', MS.UNBINDABLE | MS.REC],
]);
