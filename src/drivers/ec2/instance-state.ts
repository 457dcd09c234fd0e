import { waitUntil } from '../../shared/wait-until.js';
import type { InstanceStatus, MachineState } from '../driver.js';
import { DescribeInstancesCommand, type Ec2, type Instance, unless } from './client.js';
import { instanceGone } from './errors.js';
import type { Ec2Instance } from './instance.js';
import { ownedBy, ownerTagOf } from './tags.js';

export interface Patience {
  readonly signal: AbortSignal;
  readonly pollMs: number;
}

const changeMs = 600_000;

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html; "terminated" is no state of a host. */
const states: Readonly<Record<string, MachineState>> = {
  pending: 'starting',
  running: 'running',
  stopping: 'stopping',
  'shutting-down': 'stopping',
  stopped: 'stopped',
};

export const absentInstance = ['InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed'];

/** By id, or by owner tag where the id was lost. Undefined when the provider knows none, or a terminated one only. */
export async function findInstance(ec2: Ec2, instance: Ec2Instance): Promise<Instance | undefined> {
  if (instance.instanceId === undefined) {
    const found = await describe(ec2, { Filters: [ownedBy(instance.ownerTag)] });
    return found.find(
      ({ Tags, State }) => ownerTagOf(Tags) === instance.ownerTag && State?.Name !== 'terminated',
    );
  }
  const request = describe(ec2, { InstanceIds: [instance.instanceId] });
  return (await unless(absentInstance, request))?.[0];
}

export async function describe(
  ec2: Ec2,
  input: ConstructorParameters<typeof DescribeInstancesCommand>[0],
): Promise<readonly Instance[]> {
  const found: Instance[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ec2.send(new DescribeInstancesCommand({ ...input, ...(NextToken && { NextToken }) }));
    found.push(...(page.Reservations ?? []).flatMap(({ Instances = [] }) => Instances));
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
}

/** One that was terminated, or that nobody knows, is in error: the record is of something that is gone. */
export function statusOf(found: Instance | undefined, use: Ec2Instance['use']): InstanceStatus {
  const state = states[found?.State?.Name ?? ''] ?? 'error';
  const address = found && state === 'running' ? addressOf(found, use) : undefined;
  return { state, ...(address !== undefined && { address }) };
}

/**
 * Returns when the instance is in the state, and when running has its address.
 * Throws EC2_INSTANCE_GONE, WAIT_TIMEOUT after ten minutes.
 */
export async function awaitState(
  ec2: Ec2,
  instance: Ec2Instance,
  wanted: 'running' | 'stopped',
  { signal, pollMs }: Patience,
): Promise<Instance> {
  let last: string | undefined;
  // One that was just launched may not be known yet.
  const missingUntil = Date.now() + 60_000;
  return waitUntil(
    async () => {
      const found = await findInstance(ec2, instance);
      last = found?.State?.Name;
      if (!found && Date.now() < missingUntil) return undefined;
      if (!found || last === 'terminated' || last === 'shutting-down') {
        throw instanceGone(instance.instanceId, found?.StateReason?.Message);
      }
      const isReady = wanted === 'stopped' || addressOf(found, instance.use) !== undefined;
      return last === wanted && isReady ? found : undefined;
    },
    {
      what: `instance "${instance.instanceId}" to be ${wanted}`,
      timeoutMs: changeMs,
      intervalMs: pollMs,
      signal,
      lastSeen: () => last,
    },
  );
}

export function addressOf(found: Instance, use: Ec2Instance['use']): string | undefined {
  const ipv6 = found.NetworkInterfaces?.[0]?.Ipv6Addresses?.[0]?.Ipv6Address ?? found.Ipv6Address;
  return { public: found.PublicIpAddress, private: found.PrivateIpAddress, ipv6 }[use] || undefined;
}
