import { Socket } from 'node:net';

/** Takes what has been read; answers whether more is welcome. After false, `resume` the socket. */
export type Receive = (chunk: Buffer) => boolean;

/**
 * An evented stream over any descriptor that poll(2) understands: a SOCK_SEQPACKET socket, the master of a
 * terminal, a pidfd. It owns the descriptor from now on.
 *
 * With `receive` nothing is kept in the socket, whose buffer is lost when an error closes it, and which joins
 * packets while it is paused.
 *
 * `new Socket({ fd })` asks the kernel for the descriptor's type and refuses one it does not know, although
 * libuv's pipe, which it would use, does nothing but read and write. So the pipe is made here.
 */
export function eventedSocket(fd: number, receive?: Receive): Socket {
  const { Pipe, constants } = pipeWrap();
  const handle = new Pipe(constants.SOCKET);
  handle.open(fd);
  const options = { handle, allowHalfOpen: true, readable: true, writable: true };
  // `handle` is missing in the types of the constructor's options.
  return new Socket({ ...options, ...(receive && { onread: directlyTo(receive) }) } as object);
}

/** The same for a pipe's reading end. */
export function pipeReader(fd: number, receive: Receive): Socket {
  return new Socket({ fd, readable: true, writable: false, onread: directlyTo(receive) });
}

function directlyTo(receive: Receive) {
  return {
    buffer: Buffer.allocUnsafeSlow(64 * 1024),
    callback: (length: number, buffer: Uint8Array) => receive(Buffer.from(buffer.subarray(0, length))),
  };
}

interface PipeHandle {
  open(fd: number): void;
}
interface PipeWrap {
  readonly Pipe: new (type: number) => PipeHandle;
  readonly constants: { readonly SOCKET: number };
}

function pipeWrap(): PipeWrap {
  // Node has no other way to it, and no types for this one; the integration tests notice if it ever goes.
  const { binding } = process as unknown as { binding(name: 'pipe_wrap'): PipeWrap };
  return binding('pipe_wrap');
}
