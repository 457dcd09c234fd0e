import type { ImageStore } from '../../image/image-store.js';
import { familiarName, familiarReference, parseReference, withDefaultTag } from '../../image/reference.js';
import type { EventBus } from '../event-bus.js';

interface EventContext {
  readonly images: ImageStore;
  readonly events: EventBus;
}

/** Docker's event of an image, with its labels where it is still there. `id` may be a reference. */
export async function publishImage(
  { images, events }: EventContext,
  action: string,
  id: string,
  name = id,
): Promise<void> {
  const labels = await images.resolve(id).then(
    ({ config }) => config.config?.Labels ?? {},
    () => ({}),
  );
  events.publish({ type: 'image', action, id, attributes: { ...labels, name } });
}

/** What goes to or comes from a registry has its name for an ID, as with dockerd; without a tag it is all of them. */
export async function publishTransfer(
  context: EventContext,
  action: 'pull' | 'push',
  {
    reference: text,
    allTags = false,
  }: { readonly reference: string; readonly allTags?: boolean | undefined },
): Promise<void> {
  const reference = allTags ? parseReference(text) : withDefaultTag(parseReference(text));
  await publishImage(context, action, familiarReference(reference), familiarName(reference));
}

/** One event for each image, however many names it has. A name may stand for several tags: then it has none. */
export async function publishEach(
  context: EventContext,
  action: 'load' | 'save',
  names: readonly string[],
): Promise<void> {
  const found = await Promise.allSettled(names.map((name) => context.images.resolve(name)));
  const ids = found.flatMap((result) => (result.status === 'fulfilled' ? result.value.id : []));
  for (const id of new Set(ids)) await publishImage(context, action, id);
}
