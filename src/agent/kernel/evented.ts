import { Socket } from 'node:net';

/**
 * An evented stream over any descriptor that poll(2) understands: a SOCK_SEQPACKET socket, the master of a
 * terminal, a pidfd. It owns the descriptor from now on.
 *
 * `new Socket({ fd })` asks the kernel for the descriptor's type and refuses one it does not know, although
 * libuv's pipe, which it would use, does nothing but read and write. So the pipe is made here.
 */
export function eventedSocket(fd: number): Socket {
  const { Pipe, constants } = pipeWrap();
  const handle = new Pipe(constants.SOCKET);
  handle.open(fd);
  // `handle` is missing in the types of the constructor's options.
  return new Socket({ handle, allowHalfOpen: true, readable: true, writable: true } as object);
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
