import type { HostChange } from '../driver.js';
import { driverOptionInvalid } from '../errors.js';
import { CreateTagsCommand, DeleteTagsCommand, type Ec2 } from './client.js';
import { instanceGone, sizeIsType } from './errors.js';
import type { Ec2Instance } from './instance.js';
import { findInstance } from './instance-state.js';

/** Of the instance and its volumes. Throws EC2_SIZE_IS_TYPE for memory and processors. */
export async function changeTags(
  ec2: Ec2,
  instance: Ec2Instance,
  { memoryMiB, cpus, tags = {} }: HostChange,
): Promise<void> {
  if (memoryMiB !== undefined || cpus !== undefined) throw sizeIsType(instance.instanceId);
  const reserved = Object.keys(tags).find((key) => /^(aws:|tsmachine-)/i.test(key));
  if (reserved !== undefined) throw driverOptionInvalid('tag', reserved, 'is a reserved key');
  const found = await findInstance(ec2, instance);
  if (!found) throw instanceGone(instance.instanceId, undefined);
  const volumes = (found.BlockDeviceMappings ?? []).map(({ Ebs }) => Ebs?.VolumeId);
  const Resources = [found.InstanceId, ...volumes].filter((id) => id !== undefined);
  const set = Object.entries(tags).flatMap(([Key, Value]) => (Value === undefined ? [] : [{ Key, Value }]));
  const unset = Object.entries(tags).flatMap(([Key, Value]) => (Value === undefined ? [{ Key }] : []));
  if (set.length > 0) await ec2.send(new CreateTagsCommand({ Resources, Tags: set }));
  if (unset.length > 0) await ec2.send(new DeleteTagsCommand({ Resources, Tags: unset }));
}
