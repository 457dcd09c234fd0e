import { matches, required, tagSet } from './form.js';
import { listAt, textAt, textsAt, type Xml } from './query.js';
import { Refusal } from './refusal.js';
import type { Form, Region } from './region.js';
import type { Tags } from './resources.js';

export function describeVolumes(region: Region, form: Form): Xml {
  const found = [...region.volumes.values()]
    .map((volume) => ({ ...volume, status: volume.instanceId === undefined ? 'available' : 'in-use' }))
    .filter(({ tags, status }) => matches(form, { status }, tags));
  return {
    volumeSet: found.map(({ id, status, tags }) => ({ volumeId: id, status, tagSet: tagSet(tags) })),
  };
}

export function deleteVolume(region: Region, form: Form): Xml {
  const id = required(form, 'VolumeId');
  if (!region.volumes.delete(id))
    throw new Refusal('InvalidVolume.NotFound', `The volume '${id}' does not exist.`);
  return { return: true };
}

export function describeSpotRequests(region: Region, form: Form): Xml {
  const found = [...region.spotRequests.values()].filter(({ tags }) => matches(form, {}, tags));
  return {
    spotInstanceRequestSet: found.map(({ id, state, instanceId, tags }) => ({
      spotInstanceRequestId: id,
      state,
      instanceId,
      tagSet: tagSet(tags),
    })),
  };
}

export function cancelSpotRequests(region: Region, form: Form): Xml {
  const ids = textsAt(form, 'SpotInstanceRequestId');
  for (const id of ids) {
    const request = region.spotRequests.get(id);
    if (!request) {
      throw new Refusal(
        'InvalidSpotInstanceRequestID.NotFound',
        `The spot instance request ID '${id}' does not exist`,
      );
    }
    request.state = 'cancelled';
  }
  return { spotInstanceRequestSet: ids.map((id) => ({ spotInstanceRequestId: id, state: 'cancelled' })) };
}

export function tag(
  region: Region,
  form: Form,
  change: (tags: Tags, key: string, value: string) => unknown,
): Xml {
  for (const id of textsAt(form, 'ResourceId')) {
    const tags = (region.instances.get(id) ?? region.volumes.get(id))?.tags;
    if (!tags) throw new Refusal('InvalidID', `The ID '${id}' is not valid`);
    for (const tag of listAt(form, 'Tag')) change(tags, textAt(tag, 'Key') ?? '', textAt(tag, 'Value') ?? '');
  }
  return { return: true };
}
