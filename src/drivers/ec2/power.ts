import { once } from 'node:events';
import { connect } from 'node:net';
import type { OperationContext } from '../driver.js';
import {
  type Ec2,
  type Instance,
  RebootInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
} from './client.js';
import { instanceGone } from './errors.js';
import type { Ec2Instance } from './instance.js';
import { addressOf, awaitState, findInstance, type Patience } from './instance-state.js';

/** How long a system that was told to reboot may take until its sshd ends. */
const shutdownMs = 30_000;
const connectMs = 3_000;

/** Answers the instance with the address that it has now. */
export async function powerOn(ec2: Ec2, instance: Ec2Instance, patience: Patience): Promise<Ec2Instance> {
  const found = await present(ec2, instance);
  if (found.State?.Name === 'stopping') await awaitState(ec2, instance, 'stopped', patience);
  if (found.State?.Name === 'stopping' || found.State?.Name === 'stopped') {
    await ec2.send(new StartInstancesCommand({ InstanceIds: [found.InstanceId ?? ''] }));
  }
  return addressed(instance, await awaitState(ec2, instance, 'running', patience));
}

/** With `force` the system is not asked to shut down. */
export async function powerOff(
  ec2: Ec2,
  instance: Ec2Instance,
  force: boolean,
  patience: Patience,
): Promise<Ec2Instance> {
  const found = await present(ec2, instance);
  if (found.State?.Name === 'stopped') return instance;
  if (found.State?.Name === 'pending') await awaitState(ec2, instance, 'running', patience);
  // Also of one that is stopping already: a forced stop takes the place of a polite one that hangs.
  if (found.State?.Name !== 'stopping' || force) {
    await ec2.send(
      new StopInstancesCommand({ InstanceIds: [found.InstanceId ?? ''], ...(force && { Force: true }) }),
    );
  }
  await awaitState(ec2, instance, 'stopped', patience);
  return instance;
}

/**
 * The address stays. The provider says nothing of how far the reboot is; a connection to the SSH server that ends
 * does, so that who waits for SSH afterwards finds the new system.
 */
export async function reboot(
  ec2: Ec2,
  instance: Ec2Instance,
  patience: Patience,
  { reporter }: OperationContext,
): Promise<Ec2Instance> {
  const found = await present(ec2, instance);
  if (found.State?.Name !== 'running') return powerOn(ec2, instance, patience);
  const address = addressOf(found, instance.use) ?? '';
  const witness = connect({ host: address, port: instance.sshPort, keepAlive: true });
  witness.on('error', () => {}); // "close" follows
  witness.resume();
  witness.setTimeout(connectMs, () => witness.connecting && witness.destroy());
  try {
    const closed = once(witness, 'close', { signal: AbortSignal.timeout(shutdownMs) });
    closed.catch(() => {});
    await ec2.send(new RebootInstancesCommand({ InstanceIds: [found.InstanceId ?? ''] }));
    await Promise.race([closed, aborted(patience.signal)]).catch((error) => {
      patience.signal.throwIfAborted();
      reporter.debug(`the system goes on after it was told to reboot: ${error}`);
    });
  } finally {
    witness.destroy();
  }
  return addressed(instance, await awaitState(ec2, instance, 'running', patience));
}

export function addressed(instance: Ec2Instance, found: Instance): Ec2Instance {
  const address = addressOf(found, instance.use);
  return { ...instance, ...(address !== undefined && { address }) };
}

async function present(ec2: Ec2, instance: Ec2Instance): Promise<Instance> {
  const found = await findInstance(ec2, instance);
  const state = found?.State?.Name;
  if (found && state !== 'terminated' && state !== 'shutting-down') return found;
  throw instanceGone(instance.instanceId, found?.StateReason?.Message);
}

async function aborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}
