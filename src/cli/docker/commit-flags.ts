import { Flags, type Interfaces } from '@oclif/core';
import type { CommitOptions } from '../../api/client/container-actions.js';
import { parseImageReference } from './image-reference.js';

/** How an image is made of a container: -m is its message, not the machine. */
export const commitFlags = {
  machine: Flags.string({ description: 'machine to work on; else the active one', helpValue: 'NAME' }),
  author: Flags.string({ char: 'a', description: 'author of the image' }),
  change: Flags.string({
    ...{ char: 'c', description: 'Dockerfile instruction to apply to the image', helpValue: 'INSTRUCTION' },
    ...{ multiple: true, multipleNonGreedy: true },
  }),
  message: Flags.string({ char: 'm', description: 'what was done' }),
  pause: Flags.boolean({
    ...{ char: 'p', description: 'pause the container meanwhile', default: true, allowNo: true },
  }),
};

/** `image`: REPOSITORY[:TAG]; undefined: the image has no name. Throws what `parseImageReference` throws. */
export function commitOptions(
  image: string | undefined,
  flags: Interfaces.InferredFlags<typeof commitFlags>,
): CommitOptions {
  const name = image === undefined ? undefined : parseImageReference(image);
  return {
    repo: name?.name,
    tag: name?.hasTag ? name.tag : undefined,
    author: flags.author,
    comment: flags.message,
    pause: flags.pause,
    changes: flags.change?.join('\n'),
  };
}
