import { tagSet } from './form.js';
import type { Xml } from './query.js';
import type { Region } from './region.js';
import type { TestInstance } from './resources.js';

export function begin(
  region: Region,
  instance: TestInstance,
  to: string,
  work: Promise<unknown> | undefined,
): void {
  const change = {
    to,
    polls: region.behaviour.pendingPolls,
    work: work ?? Promise.resolve(),
    done: work === undefined,
  };
  instance.change = change;
  change.work.then(
    () => Object.assign(change, { done: true }),
    (error: unknown) => {
      // One that is ended while it boots does not come to run.
      if (instance.change === change) console.error(`instance ${instance.id} does not become ${to}:`, error);
    },
  );
}

/** Asking for an instance is what makes time pass. */
export function poll(region: Region, instance: TestInstance): void {
  if (instance.hidden > 0) instance.hidden -= 1;
  const { change } = instance;
  if (!change) return;
  if (change.polls > 0) change.polls -= 1;
  else if (change.done) {
    instance.state = change.to;
    instance.change = undefined;
    if (change.to === 'terminated') region.volumes.delete(instance.volumeId);
  }
}

export function giveAddress(region: Region, instance: TestInstance, given?: string): void {
  region.addresses += 1;
  if (instance.privateAddress === '') instance.privateAddress = given ?? `172.31.0.${region.addresses}`;
  instance.publicAddress = instance.wantsPublic ? (given ?? `127.0.113.${region.addresses}`) : undefined;
}

export function instanceXml(instance: TestInstance): Xml {
  return {
    instanceId: instance.id,
    imageId: instance.imageId,
    instanceType: instance.type,
    instanceState: { code: 0, name: instance.state },
    privateIpAddress: instance.privateAddress || undefined,
    ipAddress: instance.state === 'running' ? instance.publicAddress : undefined,
    subnetId: instance.subnetId,
    vpcId: instance.vpcId,
    keyName: instance.keyName,
    spotInstanceRequestId: instance.spotRequestId,
    groupSet: instance.groupIds.map((groupId) => ({ groupId })),
    blockDeviceMapping: [{ deviceName: '/dev/sda1', ebs: { volumeId: instance.volumeId } }],
    networkInterfaceSet: [
      { ipv6AddressesSet: instance.ipv6 ? [{ ipv6Address: `2001:db8:1::${instance.id.slice(-4)}` }] : [] },
    ],
    tagSet: tagSet(instance.tags),
    ...(instance.state === 'terminated' && {
      stateReason: {
        code: 'Client.UserInitiatedShutdown',
        message: 'Client.UserInitiatedShutdown: User initiated shutdown',
      },
    }),
  };
}
