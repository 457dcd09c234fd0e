import type { Socket } from 'node:net';
import { eventedSocket } from './evented.js';
import { listenToNetlink, type NetlinkGroup } from './netlink.js';

/** Datagrams of the kernel in their order; or that some were lost, since they came faster than they were taken. */
export type Told = readonly Buffer[] | 'lost';

/** What comes within this time is told together. */
const gatheringMs = 100;
/** More than this is left waiting in the kernel for the next time: who changes things without end costs us little. */
const most = 64;
/** After a loss. */
const restMs = 1_000;

/**
 * Tells what the kernel tells of changes in the present network namespace, until it is disposed. It does not keep the
 * process alive.
 */
export class NetlinkEvents implements Disposable {
  readonly #group: NetlinkGroup;
  readonly #listener: (told: Told) => void;
  #socket: Socket | undefined;
  #datagrams: Buffer[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  /** Throws what `listenToNetlink` throws. */
  constructor(group: NetlinkGroup, listener: (told: Told) => void) {
    this.#group = group;
    this.#listener = listener;
    this.#listen();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #listen(): void {
    const socket = eventedSocket(listenToNetlink(this.#group), (datagram) => this.#receive(datagram));
    socket.on('error', () => this.#lose()); // ENOBUFS: nothing more comes of this socket
    this.#socket = socket.unref();
  }

  #receive(datagram: Buffer): boolean {
    this.#datagrams.push(datagram);
    this.#timer ??= setTimeout(() => this.#hand(), gatheringMs).unref();
    return this.#datagrams.length < most;
  }

  #hand(): void {
    this.#timer = undefined;
    const datagrams = this.#datagrams;
    this.#datagrams = [];
    this.#listener(datagrams);
    this.#socket?.resume();
  }

  /** Listens anew before it says so: what changes after the listener's look is not missed. */
  #lose(): void {
    if (this.#isOver) return;
    this.#datagrams = [];
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      try {
        this.#listen();
      } catch {
        return this.#lose();
      }
      this.#listener('lost');
    }, restMs).unref();
  }
}
