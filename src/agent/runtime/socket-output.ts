import type { Socket } from 'node:net';
import { Readable } from 'node:stream';

/**
 * What a socket receives, as a stream that ends properly however the socket is closed: by the other side, by us,
 * or, for a terminal that no process has open any more, by EIO.
 */
export function outputFrom(socket: Socket): Readable {
  const output = new Readable({
    read: () => {
      socket.resume();
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk) => {
    if (!output.destroyed && !output.push(chunk)) socket.pause();
  });
  socket.on('error', () => {});
  socket.once('end', () => socket.destroy());
  socket.once('close', () => {
    if (!output.destroyed && !output.readableEnded) output.push(null);
  });
  return output;
}
