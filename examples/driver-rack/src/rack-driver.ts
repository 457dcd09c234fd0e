import { readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import {
  type CreateContext,
  type Driver,
  driverOptionInvalid,
  type InstanceStatus,
  type OperationContext,
  type SshEndpoint,
  systemErrorCode,
  TsmachineError,
} from 'tsmachine/driver';
import type { RackOptions } from './options.js';

interface Host {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/** All that the driver has to remember: plain JSON, no secrets. */
export type RackInstance = Host & {
  readonly key: string;
  readonly claim: string;
  readonly [name: string]: string | number;
};

/** A host is taken while the file INVENTORY.HOST.claim is there, so several people can share a rack. */
export class RackDriver implements Driver<RackOptions, RackInstance> {
  /** The hosts run whether we want it or not. */
  readonly controlsPower = false;

  async preCreateCheck(options: RackOptions): Promise<void> {
    await readInventory(options.inventory);
    await readFile(options.key).catch(() => {
      throw driverOptionInvalid('rack-key', options.key, 'cannot be read');
    });
  }

  async create(options: RackOptions, context: CreateContext<RackInstance>): Promise<RackInstance> {
    for (const host of await readInventory(options.inventory)) {
      context.signal.throwIfAborted();
      const claim = `${resolve(options.inventory)}.${host.host}-${host.port}.claim`;
      if (!(await take(claim, context.ownerTag))) continue;
      const instance = { ...host, key: resolve(options.key), claim };
      try {
        await context.checkpoint(instance);
      } catch (error) {
        await rm(claim, { force: true }); // nobody would know that it is ours
        throw error;
      }
      return instance;
    }
    throw new TsmachineError('unavailable', 'RACK_FULL', `every host of "${options.inventory}" is taken`, {
      hints: ['remove a machine, or add a host to the inventory'],
    });
  }

  async inspect(instance: RackInstance, context: OperationContext): Promise<InstanceStatus> {
    const answers = await knock(instance, context.signal);
    return { state: answers ? 'running' : 'unknown', address: instance.host };
  }

  start(): Promise<never> {
    return this.#noPower();
  }

  stop(): Promise<never> {
    return this.#noPower();
  }

  kill(): Promise<never> {
    return this.#noPower();
  }

  /** Gives the host back as it is. */
  async remove(instance: RackInstance): Promise<void> {
    await rm(instance.claim, { force: true });
  }

  sshEndpoint({ host, port, user, key }: RackInstance): SshEndpoint {
    return { host, port, user, identityFiles: [key] };
  }

  async #noPower(): Promise<never> {
    throw new TsmachineError('conflict', 'RACK_HAS_NO_POWER', 'a rack cannot switch its hosts on or off');
  }
}

async function readInventory(path: string): Promise<readonly Host[]> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw driverOptionInvalid('rack-inventory', path, 'cannot be read');
  });
  const hosts: unknown = (() => {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  })();
  if (!Array.isArray(hosts) || !hosts.every(isHost)) {
    throw driverOptionInvalid('rack-inventory', path, 'is not a list of {"host", "port", "user"}');
  }
  return hosts;
}

function isHost(value: unknown): value is Host {
  const { host, port, user } = (value ?? {}) as Partial<Host>;
  return typeof host === 'string' && typeof port === 'number' && typeof user === 'string';
}

/** False when somebody else has it. */
async function take(claim: string, ownerTag: string): Promise<boolean> {
  try {
    await writeFile(claim, `${ownerTag}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Whether something accepts connections where the SSH server should be. */
function knock({ host, port }: Host, signal: AbortSignal): Promise<boolean> {
  return new Promise((answer) => {
    const socket = connect({ host, port, timeout: 3000, signal });
    const end = (result: boolean) => () => {
      socket.destroy();
      answer(result);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}
