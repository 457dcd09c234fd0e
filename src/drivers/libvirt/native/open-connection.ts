import { bindingUnusable, cannotConnect, LibvirtFault, libvirtTimeout } from './errors.js';
import { interruptible } from './interruptible.js';
import type { Library } from './library.js';
import type { CallOptions, Connection } from './libvirt.js';
import { NativeConnection } from './native-connection.js';
import type { Pointer } from './prototypes.js';
import { Session } from './session.js';

/**
 * Opens any URI of libvirt's except those that need an event loop in the client (qemu:///embed). Never asks the
 * user: ssh of a remote URI must log in by itself. Throws LIBVIRT_MISSING where there is no library,
 * LIBVIRT_NO_CONNECTION, LIBVIRT_AUTH_FAILED, LIBVIRT_TIMEOUT, or the signal's reason.
 */
export async function openConnection(uri: string, options: CallOptions = {}): Promise<Connection> {
  options.signal?.throwIfAborted();
  const library = await loadedLibrary();
  const opening = library.open(withoutQuestions(uri));
  let awaited = true;
  const closeUnawaited = async (connection: Pointer) => {
    if (!awaited) await library.call('virConnectClose', connection);
  };
  opening.then(closeUnawaited).catch(() => {});
  try {
    const late = (ms: number) => libvirtTimeout('answer', uri, ms);
    return new NativeConnection(new Session(uri, library, await interruptible(opening, options, late)));
  } catch (error) {
    throw error instanceof LibvirtFault ? cannotConnect(uri, error) : error;
  } finally {
    awaited = false;
  }
}

/** Only here is koffi loaded, and libvirt. */
async function loadedLibrary(): Promise<Library> {
  const binding = await import('./library.js').catch((error: unknown) => {
    throw bindingUnusable(error);
  });
  return binding.loadLibrary();
}

/** ssh is not to ask for passwords or about host keys behind the progress that is shown. */
export function withoutQuestions(uri: string): string {
  if (!/^[a-z]+\+ssh:/.test(uri) || /[?&;]no_tty=/.test(uri)) return uri;
  return `${uri}${uri.includes('?') ? '&' : '?'}no_tty=1`;
}
