import type { AnyDriver } from '../../drivers/driver.js';
import { becomeRoot } from '../../provision/root-shell.js';
import { errorMessage, isTsmachineError } from '../../shared/errors.js';
import { waitUntil } from '../../shared/wait-until.js';
import { sh } from '../../ssh/command.js';
import type { SshConnection } from '../../ssh/transport.js';
import { isPassing, openConnection, patienceOf } from '../connection/connect.js';
import type { MachineContext, MachineDependencies } from '../dependencies.js';
import type { MachineRecord } from '../store/record.js';
import { rebootRefused } from './errors.js';

const rebootTimeoutMs = 300_000;

/**
 * Tells the host to reboot and returns when it has come back: another boot answers over SSH. Throws REBOOT_REFUSED,
 * WAIT_TIMEOUT, and what becoming root throws.
 */
export async function rebootOverSsh(
  deps: MachineDependencies,
  machine: MachineRecord,
  driver: AnyDriver,
  context: MachineContext,
): Promise<void> {
  const before = await sendReboot(deps, machine, driver, context);
  context.reporter.step(`Waiting for "${machine.name}" to come back`);
  let lastSeen = 'it has not gone down yet';
  await waitUntil(
    async () => {
      try {
        const { connection } = await openConnection(deps, machine, driver, context);
        await using _connection = connection;
        return (await bootOf(connection, context.signal)) === before ? undefined : true;
      } catch (error) {
        if (!isPassing(error)) throw error;
        lastSeen = errorMessage(error);
        return undefined;
      }
    },
    {
      what: `"${machine.name}" to come back`,
      timeoutMs: rebootTimeoutMs * patienceOf(machine, driver),
      intervalMs: 500,
      signal: context.signal,
      clock: deps.clock,
      lastSeen: () => lastSeen,
    },
  );
}

/** Answers which boot it was that ends now. */
async function sendReboot(
  deps: MachineDependencies,
  machine: MachineRecord,
  driver: AnyDriver,
  context: MachineContext,
): Promise<string> {
  const { connection } = await openConnection(deps, machine, driver, context);
  await using _connection = connection;
  const before = await bootOf(connection, context.signal);
  const root = await becomeRoot(connection, context.signal);
  try {
    const { code, stderr } = await root.run(sh`shutdown -r now || reboot`);
    if (code !== 0) throw rebootRefused(machine.name, stderr.trim() || `exit ${code}`);
  } catch (error) {
    // The host may be gone before its answer is.
    if (!isTsmachineError(error) || error.code !== 'SSH_CONNECTION_LOST') throw error;
  }
  return before;
}

/** The kernel's boot, and the first process of it: a container that restarts keeps the kernel. */
async function bootOf(connection: SshConnection, signal: AbortSignal): Promise<string> {
  const look = sh`cat /proc/sys/kernel/random/boot_id; sed 's/.*) //' /proc/1/stat | cut -d ' ' -f 20`;
  const { stdout } = await connection.run(sh`sh -c ${look}`, { timeoutMs: 20_000, signal });
  return stdout;
}
