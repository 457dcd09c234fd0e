import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { Receive } from '../kernel/evented.js';

/**
 * What a socket receives, as a stream that ends properly however the socket is closed: by the other side, by us,
 * or, for a terminal that no process has open any more, by EIO.
 */
export function outputOf(open: (receive: Receive) => Socket): { socket: Socket; output: Readable } {
  const output = new Readable({
    read: () => {
      socket.resume();
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  const socket = open((chunk) => output.destroyed || output.push(chunk));
  socket.on('error', () => {});
  socket.once('end', () => socket.destroy());
  socket.once('close', () => {
    if (!output.destroyed && !output.readableEnded) output.push(null);
  });
  return { socket, output };
}
