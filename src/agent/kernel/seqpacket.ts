import { Socket } from 'node:net';
import { seqpacketConnect } from './libc.js';

/**
 * Connects to a SOCK_SEQPACKET Unix socket and answers it as an ordinary evented socket: every 'data' event is
 * one packet (of up to 64 KiB), `end()` is shutdown(SHUT_WR). Throws as `seqpacketConnect` does.
 *
 * A write is one packet only when it is the only one on its way: Node gathers queued writes into one writev(2),
 * which is one packet too. Wait for each write's callback before the next.
 */
export function connectSeqpacket(path: string): Socket {
  return socketOf(seqpacketConnect(path));
}

interface PipeHandle {
  open(fd: number): void;
}
interface PipeWrap {
  readonly Pipe: new (type: number) => PipeHandle;
  readonly constants: { readonly SOCKET: number };
}

/**
 * `new Socket({ fd })` asks the kernel for the descriptor's type and refuses one it does not know, although
 * libuv's pipe, which it would use, does nothing but read and write. So the pipe is made here.
 */
function socketOf(fd: number): Socket {
  const { Pipe, constants } = pipeWrap();
  const handle = new Pipe(constants.SOCKET);
  handle.open(fd);
  return new Socket({ handle, allowHalfOpen: true, readable: true, writable: true } as object);
}

function pipeWrap(): PipeWrap {
  // Node has no other way to it, and no types for this one; the integration tests notice if it ever goes.
  const { binding } = process as unknown as { binding(name: 'pipe_wrap'): PipeWrap };
  return binding('pipe_wrap');
}
