import { openListener } from '../machine/forward/local-listener.js';
import { errorMessage, systemErrorCode, TsmachineError } from '../shared/errors.js';
import type { Reporter } from '../shared/reporter.js';
import type { SshConnection, TcpTarget } from '../ssh/transport.js';

/** `ssh -L`: what connects here is connected to there. */
export interface PortForward {
  readonly here: TcpTarget;
  readonly there: TcpTarget;
}

/** `[BIND_ADDRESS:]PORT:HOST:HOSTPORT`, IPv6 addresses in brackets. Throws FORWARD_INVALID. */
export function parsePortForward(text: string): PortForward {
  const parts = text.match(/\[[^\]]*\]|[^:]+|(?<=^|:)(?=:)/g) ?? [];
  const [port, host = '', hostPort] = parts.slice(-3);
  const bind = parts.length === 4 ? (parts[0] ?? '') : 'localhost';
  const rebuilt = [...(parts.length === 4 ? [bind] : []), port, host, hostPort].join(':');
  if (parts.length < 3 || rebuilt !== text || !isPort(port) || !isPort(hostPort) || host === '') {
    throw forwardInvalid(text);
  }
  return {
    here: { host: bare(bind === '*' || bind === '' ? '::' : bind), port: Number(port) },
    there: { host: bare(host), port: Number(hostPort) },
  };
}

/** Listens for all of them until it is disposed. Throws PORT_NOT_OPENED; then it listens for none. */
export async function forwardPorts(
  forwards: readonly PortForward[],
  connection: Pick<SshConnection, 'dial'>,
  reporter: Reporter,
): Promise<AsyncDisposable> {
  await using open = new AsyncDisposableStack();
  for (const { here, there } of forwards) {
    const listener = openListener({
      address: here.host,
      port: here.port,
      dial: () => connection.dial(there),
      failed: (error) => reporter.warn(errorMessage(error)),
    });
    open.use(
      await listener.catch((error) => {
        throw portNotOpened(here, error);
      }),
    );
  }
  return open.move();
}

function portNotOpened({ host, port }: TcpTarget, error: unknown): TsmachineError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const why = systemErrorCode(cause) === 'EADDRINUSE' ? 'the port is taken' : errorMessage(cause);
  return new TsmachineError('conflict', 'PORT_NOT_OPENED', `cannot listen on "${host}:${port}": ${why}`, {
    hints: ['choose another port on this side: -L PORT:HOST:HOSTPORT'],
    cause,
  });
}

function isPort(text: string | undefined): boolean {
  return /^\d{1,5}$/.test(text ?? '') && Number(text) > 0 && Number(text) < 65_536;
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

function forwardInvalid(text: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'FORWARD_INVALID', `"${text}" is no port to forward`, {
    hints: ['write -L PORT:HOST:HOSTPORT, such as -L 8080:localhost:80'],
  });
}
