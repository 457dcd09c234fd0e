import { connect } from 'node:net';
import { finished } from 'node:stream/promises';

/** Copies between standard input and output and the socket, as `docker system dial-stdio` for `ssh://` hosts. */
export async function dialStdio(socket: string): Promise<void> {
  const connection = connect({ path: socket, allowHalfOpen: true });
  process.stdin.pipe(connection);
  connection.pipe(process.stdout);
  await finished(connection, { writable: false });
  process.stdin.destroy();
}
