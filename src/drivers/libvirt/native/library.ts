import koffi from 'koffi';
import { LibvirtFault, libraryMissing, libraryTooOld } from './errors.js';
import { type Argument, type FunctionName, type Pointer, prototypes, type ResultOf } from './prototypes.js';

/** libvirt's C library. No call is checked here: what to make of a result is the caller's. */
export interface Library {
  /** In a thread of the pool: for whatever may wait. Of the arguments, bytes are the ones that libvirt writes to. */
  call<F extends FunctionName>(name: F, ...args: readonly Argument[]): Promise<ResultOf<F>>;
  /** On the event loop: only for what looks at memory. */
  callNow<F extends FunctionName>(name: F, ...args: readonly Argument[]): ResultOf<F>;
  /**
   * Like `call` of virConnectOpen, with the reason where it fails: there is no connection that could be asked, and
   * libvirt tells it otherwise only in the thread that failed.
   */
  open(uri: string): Promise<Pointer>;
  /** What the connection's last failed call said. To be asked before its next call. */
  lastFault(connection: Pointer): LibvirtFault;
  /** Copies a text and frees it. */
  takeText(pointer: Pointer): string;
  /** The pointers of an array, which is freed; they are then the caller's. */
  takePointers(array: Pointer, length: number): readonly Pointer[];
  readInterface(pointer: Pointer): NativeInterface;
  readLease(pointer: Pointer): NativeLease;
}

/** struct _virDomainInterface, with its addresses. */
export interface NativeInterface {
  readonly name: string;
  readonly hwaddr: string | null;
  readonly addresses: readonly NativeAddress[];
}

export interface NativeAddress {
  /** virIPAddrType: 0 is IPv4, 1 IPv6. */
  readonly type: number;
  readonly addr: string;
  readonly prefix: number;
}

/** struct _virNetworkDHCPLease */
export interface NativeLease {
  readonly iface: string;
  readonly expirytime: number | bigint;
  readonly mac: string | null;
  readonly ipaddr: string;
  readonly prefix: number;
  readonly hostname: string | null;
}

/** Loads and initialises each library once. Throws LIBVIRT_MISSING, which names the package to install. */
export function loadLibrary(file = defaultFile()): Library {
  const library = loaded.get(file) ?? new KoffiLibrary(file);
  loaded.set(file, library);
  return library;
}

const loaded = new Map<string, Library>();

function defaultFile(): string {
  if (process.platform === 'darwin') return 'libvirt.0.dylib';
  return process.platform === 'win32' ? 'libvirt-0.dll' : 'libvirt.so.0';
}

const fault = koffi.struct({ code: 'int', domain: 'int', message: 'str' });
const address = koffi.struct({ type: 'int', addr: 'str', prefix: 'unsigned int' });
const networkInterface = koffi.struct({
  name: 'str',
  hwaddr: 'str',
  count: 'unsigned int',
  addresses: 'void *',
});
const lease = koffi.struct({
  iface: 'str',
  expirytime: 'int64_t',
  type: 'int',
  mac: 'str',
  iaid: 'str',
  ipaddr: 'str',
  prefix: 'unsigned int',
  hostname: 'str',
  clientid: 'str',
});

type NativeFunction = ReturnType<ReturnType<typeof koffi.load>['func']>;

class KoffiLibrary implements Library {
  readonly #library: ReturnType<typeof koffi.load>;
  readonly #file: string;
  readonly #functions = new Map<string, NativeFunction>();
  /** For each open that is being tried, what was told since it began. */
  readonly #openFaults = new Set<LibvirtFault[]>();
  /** Opens that must not overlap with others. */
  #alone: Promise<unknown> = Promise.resolve();
  #running = 0;

  constructor(file: string) {
    this.#file = file;
    try {
      this.#library = koffi.load(file);
    } catch (error) {
      throw libraryMissing(file, error);
    }
    this.callNow('virInitialize');
    this.#listenForFaults();
    this.#leaveAtExit();
  }

  call<F extends FunctionName>(name: F, ...args: readonly Argument[]): Promise<ResultOf<F>> {
    const call = this.#function(name, prototypes[name]);
    const { promise, resolve, reject } = Promise.withResolvers<ResultOf<F>>();
    call.async(...args, (error: unknown, result: ResultOf<F>) => {
      this.#running--;
      if (error) reject(error);
      else resolve(result);
    });
    this.#running++;
    // The bytes among the arguments must not be collected before the call has ended.
    return promise.finally(() => args.length);
  }

  callNow<F extends FunctionName>(name: F, ...args: readonly Argument[]): ResultOf<F> {
    return this.#function(name, prototypes[name])(...args);
  }

  async open(uri: string): Promise<Pointer> {
    await this.#alone;
    const outcome = await this.#attemptOpen(uri);
    if (typeof outcome === 'bigint') return outcome;
    if (outcome.length === 1) throw outcome[0];
    const again = this.#alone.then(() => this.#openAlone(uri));
    this.#alone = again.catch(() => {});
    return await again;
  }

  /** Several failed at once, and nothing says which error is whose: once more, while no other is begun. */
  async #openAlone(uri: string): Promise<Pointer> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#attemptOpen(uri);
      if (typeof outcome === 'bigint') return outcome;
      // Those that were begun before may still fail meanwhile.
      if (outcome.length > 1 && attempt < 100) continue;
      throw outcome[0] ?? new LibvirtFault(1, 0, 'an unknown error');
    }
  }

  /** The connection, or all faults of opens that came while this one was tried: its own is among them. */
  async #attemptOpen(uri: string): Promise<Pointer | readonly LibvirtFault[]> {
    const faults: LibvirtFault[] = [];
    this.#openFaults.add(faults);
    try {
      const connection = await this.call('virConnectOpen', uri);
      if (connection === null) return faults;
      // Its errors are asked for by connection: what the listener is told is then of opens only. The function does
      // nothing with these arguments, in whatever thread it is called.
      this.#function('virConnSetErrorFunc', setConnectionHandler)(connection, null, this.#doNothing());
      return connection;
    } finally {
      this.#openFaults.delete(faults);
    }
  }

  lastFault(connection: Pointer): LibvirtFault {
    const error: Pointer | null = this.#function('virConnGetLastError', getLastError)(connection);
    return error === null ? new LibvirtFault(1, 0, 'an unknown error') : readFault(error);
  }

  takeText(pointer: Pointer): string {
    try {
      return koffi.decode(pointer, 'char', -1);
    } finally {
      koffi.free(pointer);
    }
  }

  takePointers(array: Pointer, length: number): readonly Pointer[] {
    try {
      return length === 0 ? [] : koffi.decode(array, 'void *', length);
    } finally {
      koffi.free(array);
    }
  }

  readInterface(pointer: Pointer): NativeInterface {
    const { name, hwaddr, count, addresses } = koffi.decode(pointer, networkInterface);
    return { name, hwaddr, addresses: count === 0 ? [] : koffi.decode(addresses, address, count) };
  }

  readLease(pointer: Pointer): NativeLease {
    return koffi.decode(pointer, lease);
  }

  /** Also keeps libvirt from printing its errors, which it does where nobody listens. */
  #listenForFaults(): void {
    const handler = koffi.proto('void', ['void *', 'void *']);
    const listener = koffi.register((_data: unknown, error: Pointer) => {
      const told = readFault(error);
      for (const faults of this.#openFaults) faults.push(told);
    }, koffi.pointer(handler));
    this.#library.func('void virSetErrorFunc(void *data, void *handler)')(null, listener);
  }

  /** virResetError(NULL) returns at once, whatever comes as second argument. */
  #doNothing(): unknown {
    return this.#library.symbol('virResetError');
  }

  /**
   * A process that ends waits for the threads of its pool, and a call of libvirt's may wait for ever: where one is
   * still running, the process ends without waiting.
   */
  #leaveAtExit(): void {
    if (process.platform === 'win32') return;
    const leave = koffi.load(null).func('void _exit(int status)');
    process.on('exit', (code) => {
      if (this.#running > 0) leave(code);
    });
  }

  #function(name: string, prototype: string): NativeFunction {
    let found = this.#functions.get(name);
    if (!found) {
      found = this.#declare(name, prototype);
      this.#functions.set(name, found);
    }
    return found;
  }

  #declare(name: string, prototype: string): NativeFunction {
    try {
      const library = name.startsWith('virDomainQemu')
        ? koffi.load(this.#file.replace('libvirt', 'libvirt-qemu'))
        : this.#library;
      return library.func(prototype);
    } catch (error) {
      throw libraryTooOld(name, error);
    }
  }
}

const setConnectionHandler = 'void virConnSetErrorFunc(void *conn, void *data, void *handler)';
const getLastError = 'void *virConnGetLastError(void *conn)';

function readFault(pointer: Pointer): LibvirtFault {
  const { code, domain, message } = koffi.decode(pointer, fault);
  return new LibvirtFault(code, domain, message ?? 'an unknown error');
}
