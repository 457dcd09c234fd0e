import type { OperationContext } from '../driver.js';
import { DeleteKeyPairCommand, type Ec2, unless } from './client.js';
import type { Ec2Instance } from './instance.js';
import { findInstance } from './instance-state.js';
import { cancelSpotRequest, findOwnedResources, removeResource, terminate } from './owned.js';

/**
 * What the record knows, then what carries the machine's owner tag: a creation that was killed may have made more than
 * it could record. Succeeds when nothing is left.
 */
export async function removeEverything(
  ec2: Ec2,
  instance: Ec2Instance,
  context: OperationContext,
): Promise<void> {
  const { instanceId, ownerTag, untagged } = instance;
  const spotRequestId = instance.spotRequestId ?? (untagged && (await spotRequestOf(ec2, instance)));
  if (spotRequestId !== undefined) await cancelSpotRequest(ec2, spotRequestId);
  if (instanceId !== undefined) await terminate(ec2, instanceId);
  if (untagged?.keyName !== undefined) {
    const request = new DeleteKeyPairCommand({ KeyName: untagged.keyName });
    await unless(['InvalidKeyPair.NotFound'], ec2.send(request));
  }
  const found = await findOwnedResources(ec2, ownerTag);
  for (const resource of found.filter((one) => one.ownerTag === ownerTag)) {
    await removeResource(ec2, resource, context);
  }
}

/** docker-machine forgets the request that its instance came from. */
async function spotRequestOf(ec2: Ec2, instance: Ec2Instance): Promise<string | undefined> {
  return (await findInstance(ec2, instance))?.SpotInstanceRequestId;
}
