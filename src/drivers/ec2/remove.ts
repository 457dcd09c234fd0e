import type { OperationContext } from '../driver.js';
import type { Ec2 } from './client.js';
import type { Ec2Instance } from './instance.js';
import { cancelSpotRequest, findOwnedResources, removeResource, terminate } from './owned.js';

/**
 * What the record knows, then what carries the machine's owner tag: a creation that was killed may have made more than
 * it could record. Succeeds when nothing is left.
 */
export async function removeEverything(
  ec2: Ec2,
  { spotRequestId, instanceId, ownerTag }: Ec2Instance,
  context: OperationContext,
): Promise<void> {
  if (spotRequestId !== undefined) await cancelSpotRequest(ec2, spotRequestId);
  if (instanceId !== undefined) await terminate(ec2, instanceId);
  const found = await findOwnedResources(ec2, ownerTag);
  for (const resource of found.filter((one) => one.ownerTag === ownerTag)) {
    await removeResource(ec2, resource, context);
  }
}
