import { connect } from 'node:net';
import { join } from 'node:path';

/**
 * Makes sure that the D-Bus session answers at all: the keyring's library waits for it in a thread that neither a
 * deadline nor the end of the process can stop. Resolves where there is no such address to ask; rejects when what is
 * there does not answer the first line of the protocol (D-Bus specification, "Authentication Protocol").
 */
export async function assertBusAnswers(environment: NodeJS.ProcessEnv, timeoutMs: number): Promise<void> {
  const path = socketOf(environment);
  if (path === undefined || process.platform !== 'linux') return;
  const socket = connect({ path });
  socket.setTimeout(timeoutMs, () =>
    socket.destroy(new Error(`the D-Bus session did not answer within ${timeoutMs / 1000}s`)),
  );
  socket.write('\0AUTH\r\n'); // asks for the mechanisms; the answer is "REJECTED …"
  try {
    for await (const _ of socket) return;
    throw new Error('the D-Bus session closed the connection');
  } finally {
    socket.destroy();
  }
}

/** As libdbus finds it; undefined for other transports and where there is none. */
function socketOf(environment: NodeJS.ProcessEnv): string | undefined {
  const address = environment['DBUS_SESSION_BUS_ADDRESS'];
  if (!address) {
    const runtime = environment['XDG_RUNTIME_DIR'];
    return runtime ? join(runtime, 'bus') : undefined;
  }
  const [, kind, value] = /^unix:(?:[^;]*,)?(path|abstract)=([^,;]+)/.exec(address) ?? [];
  if (value === undefined) return undefined;
  return `${kind === 'abstract' ? '\0' : ''}${decodeURIComponent(value)}`;
}
