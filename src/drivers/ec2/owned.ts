import type { OperationContext, OwnedResource } from '../driver.js';
import {
  CancelSpotInstanceRequestsCommand,
  DeleteKeyPairCommand,
  DeleteVolumeCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeVolumesCommand,
  type Ec2,
  TerminateInstancesCommand,
  unless,
} from './client.js';
import { absentInstance, describe } from './instance-state.js';
import { deleteGroup } from './security-groups.js';
import { ownedBy, ownerTagOf } from './tags.js';

/** In the order in which they can be removed: a spot request would launch another instance, and a group is in use. */
type Kind = 'spot request' | 'instance' | 'volume' | 'key pair' | 'security group';

interface Owned extends OwnedResource {
  readonly kind: Kind;
}

export async function findOwnedResources(ec2: Ec2, tagPrefix: string): Promise<readonly Owned[]> {
  const Filters = [ownedBy(tagPrefix)];
  const [spot, instances, volumes, keys, groups] = await Promise.all([
    ec2.send(new DescribeSpotInstanceRequestsCommand({ Filters })),
    describe(ec2, { Filters }),
    ec2.send(
      new DescribeVolumesCommand({ Filters: [...Filters, { Name: 'status', Values: ['available'] }] }),
    ),
    ec2.send(new DescribeKeyPairsCommand({ Filters })),
    ec2.send(new DescribeSecurityGroupsCommand({ Filters })),
  ]);
  const live = instances.filter(({ State }) => !['terminated', 'shutting-down'].includes(State?.Name ?? ''));
  const requests = (spot.SpotInstanceRequests ?? []).filter(({ State }) => isOpen(State));
  const shared = await usedByOthers(ec2, groups.SecurityGroups ?? []);
  const found = [
    ...requests.map((request) => owned('spot request', request.SpotInstanceRequestId, request.Tags)),
    ...live.map((instance) => owned('instance', instance.InstanceId, instance.Tags)),
    ...(volumes.Volumes ?? []).map((volume) => owned('volume', volume.VolumeId, volume.Tags)),
    ...(keys.KeyPairs ?? []).map((key) => owned('key pair', key.KeyPairId ?? key.KeyName, key.Tags)),
    ...(groups.SecurityGroups ?? [])
      .filter(({ GroupId }) => !shared.has(GroupId ?? ''))
      .map((group) => owned('security group', group.GroupId, group.Tags)),
  ];
  return found.filter(({ ownerTag }) => ownerTag.startsWith(tagPrefix));
}

export async function removeResource(
  ec2: Ec2,
  { kind, id }: OwnedResource,
  { signal }: Pick<OperationContext, 'signal'>,
): Promise<void> {
  switch (kind as Kind) {
    case 'spot request':
      return cancelSpotRequest(ec2, id);
    case 'instance':
      return terminate(ec2, id);
    case 'volume':
      await unless(['InvalidVolume.NotFound'], ec2.send(new DeleteVolumeCommand({ VolumeId: id })));
      return;
    case 'key pair':
      await unless(['InvalidKeyPair.NotFound'], ec2.send(new DeleteKeyPairCommand({ KeyPairId: id })));
      return;
    case 'security group':
      return deleteGroup(ec2, id, signal);
  }
}

export async function cancelSpotRequest(ec2: Ec2, id: string): Promise<void> {
  const request = new CancelSpotInstanceRequestsCommand({ SpotInstanceRequestIds: [id] });
  await unless(['InvalidSpotInstanceRequestID.NotFound'], ec2.send(request));
}

export async function terminate(ec2: Ec2, id: string): Promise<void> {
  await unless(absentInstance, ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] })));
}

/** A group that the user named may have been made with one machine and serve others by now. */
async function usedByOthers(
  ec2: Ec2,
  groups: readonly { GroupId?: string | undefined; Tags?: Parameters<typeof ownerTagOf>[0] }[],
): Promise<ReadonlySet<string>> {
  const owners = new Map(groups.map(({ GroupId, Tags }) => [GroupId ?? '', ownerTagOf(Tags)]));
  if (owners.size === 0) return new Set();
  const users = await describe(ec2, { Filters: [{ Name: 'instance.group-id', Values: [...owners.keys()] }] });
  return new Set(
    users
      .filter(({ State }) => State?.Name !== 'terminated')
      .flatMap(({ SecurityGroups = [], Tags }) =>
        SecurityGroups.map(({ GroupId }) => GroupId ?? '').filter(
          (id) => owners.get(id) !== ownerTagOf(Tags),
        ),
      ),
  );
}

function isOpen(state: string | undefined): boolean {
  return state === 'open' || state === 'active' || state === 'disabled';
}

function owned(kind: Kind, id: string | undefined, tags: Parameters<typeof ownerTagOf>[0]): Owned {
  return { kind, id: id ?? '', ownerTag: ownerTagOf(tags) ?? '' };
}
