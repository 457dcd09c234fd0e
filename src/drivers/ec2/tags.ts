import type { ResourceType, Tag, TagSpecification } from './client.js';
import { ownerTagKey } from './instance.js';

/** What the machine's things are labelled with as they are made. */
export interface Labels {
  readonly machineName: string;
  readonly ownerTag: string;
  /** The user's. */
  readonly tags: Readonly<Record<string, string>>;
}

export function tagSpecifications(
  { machineName, ownerTag, tags }: Labels,
  kinds: readonly ResourceType[],
): TagSpecification[] {
  const all = { Name: machineName, ...tags, [ownerTagKey]: ownerTag };
  const Tags = Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
  return kinds.map((ResourceType) => ({ ResourceType, Tags }));
}

export function ownerTagOf(tags: readonly Tag[] | undefined): string | undefined {
  return tags?.find(({ Key }) => Key === ownerTagKey)?.Value;
}

/** Everything whose owner tag begins so. */
export function ownedBy(tagPrefix: string): { Name: string; Values: string[] } {
  // In a filter, these are wild cards (EC2 User Guide, "List and filter using the CLI and API").
  return { Name: `tag:${ownerTagKey}`, Values: [`${tagPrefix.replace(/[\\*?]/g, '\\$&')}*`] };
}
