import { isLibvirtError, LibvirtFault } from './errors.js';
import type { Library } from './library.js';
import type { Argument, NameFunction, Pointer, PointerFunction, StatusFunction } from './prototypes.js';

/** Calls while no other call of the connection runs. A call that fails throws the LibvirtFault. */
export class Turn {
  readonly library: Library;
  readonly connection: Pointer;

  constructor(library: Library, connection: Pointer) {
    this.library = library;
    this.connection = connection;
  }

  async status(name: StatusFunction, ...args: readonly Argument[]): Promise<number> {
    const result = await this.library.call(name, ...args);
    if (result < 0) throw this.library.lastFault(this.connection);
    return result;
  }

  async pointer(name: PointerFunction, ...args: readonly Argument[]): Promise<Pointer> {
    const result = await this.library.call(name, ...args);
    if (result === null) throw this.library.lastFault(this.connection);
    return result;
  }

  /** Undefined where it fails with this code. */
  async pointerUnless(
    code: number,
    name: PointerFunction,
    ...args: readonly Argument[]
  ): Promise<Pointer | undefined> {
    try {
      return await this.pointer(name, ...args);
    } catch (error) {
      if (isLibvirtError(error, code)) return undefined;
      throw error;
    }
  }

  async text(name: PointerFunction, ...args: readonly Argument[]): Promise<string> {
    return this.library.takeText(await this.pointer(name, ...args));
  }

  /** For functions that write the address of an array to `list` and answer its length. */
  async array(
    name: StatusFunction,
    args: (list: Uint8Array) => readonly Argument[],
  ): Promise<readonly Pointer[]> {
    const list = Buffer.alloc(8);
    const length = await this.status(name, ...args(list));
    const array = list.readBigUInt64LE(0);
    return array === 0n ? [] : this.library.takePointers(array, length);
  }

  /** For functions that write integers, in the machine's byte order, which is the little endian one. */
  async integers(
    count: number,
    name: StatusFunction,
    args: (integers: readonly Uint8Array[]) => readonly Argument[],
  ): Promise<readonly number[]> {
    const buffers = Array.from({ length: count }, () => Buffer.alloc(4));
    await this.status(name, ...args(buffers));
    return buffers.map((buffer) => buffer.readInt32LE(0));
  }

  /** What the object in memory is called; asks nobody. */
  name(name: NameFunction, object: Pointer): string {
    return this.library.callNow(name, object) ?? '';
  }

  /** Of the object in memory; asks nobody. */
  uuid(name: Extract<StatusFunction, `${string}GetUUIDString`>, object: Pointer): string {
    const text = Buffer.alloc(37); // VIR_UUID_STRING_BUFLEN
    if (this.library.callNow(name, object, text) < 0) throw new LibvirtFault(1, 0, 'it has no UUID');
    return text.toString('latin1', 0, 36);
  }
}
