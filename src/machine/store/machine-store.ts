import type { MachineRecord } from './record.js';

/** Keeps the records of all machines. A record is the only truth about a machine. */
export interface MachineStore {
  /** Names in natural order, damaged ones too. */
  list(): Promise<readonly string[]>;
  exists(name: string): Promise<boolean>;
  /** Throws MACHINE_NOT_FOUND, MACHINE_RECORD_DAMAGED, STORE_VERSION_TOO_NEW. */
  load(name: string): Promise<MachineRecord>;
  /** Durable when it returns; makes the machine's directory. */
  save(record: MachineRecord): Promise<void>;
  /** Record and directory; succeeds when there is none. */
  remove(name: string): Promise<void>;
  /** Moves the directory; the record in it must understand both names. Throws MACHINE_EXISTS. */
  rename(oldName: string, newName: string): Promise<void>;
  /** The machine's own directory, absolute. */
  directory(name: string): string;
  /** One writer per machine, across processes; released by disposal. Throws MACHINE_BUSY, which names the holder. */
  lock(name: string, signal?: AbortSignal): Promise<AsyncDisposable>;
  /** The process that works on the machine now, if any. */
  lockHolder(name: string): Promise<number | undefined>;
}
